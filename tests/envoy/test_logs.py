import pytest

from wasmctl.abi.types import LogLevel
from wasmctl.envoy import logs
from wasmctl.envoy.logs import Entry, Identity
from wasmctl.records import LogLine, Trap, TrapKind

_IDENTITY = Identity(name="auth", root_id="root", vm_id="vm-1")


def _entry(text: str, *, level: LogLevel = LogLevel.INFO, component: str = "wasm") -> Entry:
    return Entry(level=level, component=component, thread=7, text=text)


def test_a_line_is_taken_apart() -> None:
    read = logs.entry("warning|config|4711|Filesystem config update rejected: no|thing\n")

    assert read == Entry(
        level=LogLevel.WARN,
        component="config",
        thread=4711,
        text="Filesystem config update rejected: no|thing",
    )


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("trace", LogLevel.TRACE),
        ("debug", LogLevel.DEBUG),
        ("info", LogLevel.INFO),
        ("warning", LogLevel.WARN),
        ("error", LogLevel.ERROR),
        ("critical", LogLevel.CRITICAL),
    ],
)
def test_each_level_has_its_name(name: str, level: LogLevel) -> None:
    read = logs.entry(f"{name}|wasm|1|text")

    assert read
    assert read.level is level


@pytest.mark.parametrize(
    "line", ["", "ConnectionImpl 0x30, connecting_: 0", "a|b|c", "info|wasm|x|y", "loud|wasm|1|y"]
)
def test_a_line_of_another_form_is_none(line: str) -> None:
    assert logs.entry(line) is None


@pytest.mark.parametrize(
    ("escaped", "text"),
    [
        (r"a\nb\tc\rd", "a\nb\tc\rd"),
        (r"\'quoted\' \"twice\"", "'quoted' \"twice\""),
        (r"a\\nb", r"a\nb"),
        (r"\303\244", "ä"),
        (r"\0017", "\x017"),
        (r"\377", "\N{REPLACEMENT CHARACTER}"),
        ("plain", "plain"),
    ],
)
def test_escapes_are_undone(escaped: str, text: str) -> None:
    read = logs.entry(f"info|wasm|1|{escaped}")

    assert read
    assert read.text == text


def test_a_plugins_own_messages_are_known_by_its_identity() -> None:
    entries = [
        _entry("wasm log auth root vm-1: from a stream", level=LogLevel.ERROR),
        _entry("wasm log root vm-1: from the plugin context"),
        _entry("wasm log auth root vm-2: from another"),
        _entry("[host->vm] proxy_on_log(2)", level=LogLevel.TRACE),
        _entry("wasm log root vm-1: not the plugin's", component="lua"),
    ]

    lines = logs.plugin_lines(entries, _IDENTITY)

    assert lines == (
        LogLine(level=LogLevel.ERROR, text="from a stream"),
        LogLine(level=LogLevel.INFO, text="from the plugin context"),
    )


def test_ids_that_are_empty_leave_no_gap() -> None:
    identity = Identity(name="auth", root_id="", vm_id="")

    lines = logs.plugin_lines([_entry("wasm log: a"), _entry("wasm log auth: b")], identity)

    assert [line.text for line in lines] == ["a", "b"]


def test_a_trap_is_read_with_its_backtrace() -> None:
    text = (
        "Function: proxy_on_request_headers failed: Uncaught RuntimeError: unreachable\n"
        "Proxy-Wasm plugin in-VM backtrace:\n"
        "  0:  0xf0 - inner\n"
        " 10:  0xf4 - unknown(function index:7)"
    )

    found = logs.trap([_entry("something else"), _entry(text, level=LogLevel.ERROR)])

    assert found == Trap(
        kind=TrapKind.UNREACHABLE,
        callback="proxy_on_request_headers",
        message="Uncaught RuntimeError: unreachable",
        backtrace=("inner", "function[7]"),
        offsets=(0xF0, 0xF4),
    )


def test_a_plugins_message_is_never_taken_for_a_trap() -> None:
    text = "wasm log root vm-1: Function: main failed: Uncaught RuntimeError: unreachable"

    assert logs.trap([_entry(text)]) is None


def test_a_refusal_is_the_first_complaint() -> None:
    entries = [
        _entry("wasm log root vm-1: no such key", level=LogLevel.ERROR),
        _entry(
            "Attempted call to restricted proxy-wasm capability: proxy_get_property",
            level=LogLevel.ERROR,
        ),
        _entry("Function: f failed: Uncaught\nbacktrace:\n", level=LogLevel.ERROR),
        _entry("Wasm VM failed Failed to start base Wasm", level=LogLevel.ERROR),
    ]

    assert logs.refusal(entries) == "Function: f failed: Uncaught"
    assert logs.refusal(entries[3:]) == "Failed to start base Wasm"
    assert logs.refusal(entries[:2]) is None


@pytest.mark.parametrize(
    ("entry", "tells"),
    [
        (_entry("[vm->host] env.proxy_log(2, 3, 4)", level=LogLevel.TRACE), True),
        (_entry("wasm log: why", level=LogLevel.DEBUG), True),
        (_entry("~Wasm 2 remaining active", level=LogLevel.DEBUG), False),
        (_entry("error initializing", level=LogLevel.CRITICAL, component="main"), True),
        (_entry("#0: [0x7f]", level=LogLevel.CRITICAL, component="backtrace"), False),
        (_entry("no configured limit", level=LogLevel.WARN, component="main"), False),
    ],
)
def test_what_tells_of_a_failure_is_kept(entry: Entry, tells: bool) -> None:  # noqa: FBT001
    assert logs.is_telling(entry) is tells


def test_each_response_has_its_details_in_the_order_of_the_requests() -> None:
    entries = [
        _entry(f'[Tags: "ConnectionId":"1","StreamId":"{stream}"] {words}', component="http")
        for stream, words in [
            ("7", "request headers complete (end_stream=true):\n':path', '/'"),
            ("9", "request headers complete (end_stream=true):"),
            ("8", "request headers complete (end_stream=true):"),
            ("9", "Preparing local reply with details gate_denied"),
            ("9", "encoding headers via codec (end_stream=false):"),
            ("7", "encoding headers via codec (end_stream=true):"),
        ]
    ]

    assert logs.response_details(entries) == ("via_upstream", "gate_denied", None)


def test_a_local_reply_without_details_has_empty_ones() -> None:
    line = '[Tags: "ConnectionId":"1","StreamId":"7"] Preparing local reply with details '

    assert logs.response_details([_entry(line, component="http")]) == ("",)
