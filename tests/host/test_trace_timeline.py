from collections.abc import Mapping, Sequence

from tests.host.plugins import OUT, UNREACHABLE, Statement, plugin
from wasmctl import messages
from wasmctl.host import Host, timeline


def shown(module: bytes) -> tuple[str, ...]:
    with Host.start(module, name="mine", trace=True) as host:
        host.http(messages.request("/cart"))
    return timeline(host.trace)


def told(callbacks: Mapping[str, Sequence[Statement]]) -> tuple[str, ...]:
    return shown(plugin(callbacks))


def inside(*statements: Statement) -> tuple[str, ...]:
    return told({"request_headers": statements})[1:]


def test_a_callback_names_its_context_and_what_it_was_told() -> None:
    lines = told({"request_headers": [], "configure": [], "done": []})

    assert lines == (
        "mine: proxy_on_configure(plugin_configuration_size 0) → true",
        "mine, stream 2: proxy_on_request_headers(num_headers 5, end_of_stream true) → CONTINUE",
        "mine, stream 2: proxy_on_done() → true",
        "mine: proxy_on_done() → true",
    )


def test_what_a_callback_asks_for_stands_below_it_with_the_answer() -> None:
    lines = inside(
        ("proxy_get_header_map_value", 0, b":path", *OUT),
        ("proxy_log", 2, b"text"),
        ("proxy_get_header_map_pairs", 1, *OUT),
    )

    assert lines == (
        '  proxy_get_header_map_value(HTTP_REQUEST_HEADERS, ":path") → "/cart"',
        '  proxy_log(INFO, "text")',
        "  proxy_get_header_map_pairs(HTTP_REQUEST_TRAILERS) → {}",
    )


def test_a_refusal_says_why() -> None:
    (line,) = inside(("proxy_log", 6, b"text"))

    assert line == (
        '  proxy_log(6, "text") → BAD_ARGUMENT: level 6 is no LogLevel: '
        "there are TRACE (0) to CRITICAL (5)"
    )


def test_a_long_text_is_cut_and_its_size_told() -> None:
    (line,) = inside(("proxy_log", 2, b"a" * 1000))

    assert line == f'  proxy_log(INFO, "{"a" * 160}"… (1,000 bytes))'


def test_what_is_no_visible_text_is_escaped() -> None:
    (line,) = inside(("proxy_log", 2, b'"\xff\n\0'))

    assert line == r'  proxy_log(INFO, "\"\xff\n\x00")'


def test_the_path_of_a_property_is_written_with_dots() -> None:
    (line,) = inside(("proxy_get_property", b"request\0path\0", *OUT))

    assert line == '  proxy_get_property("request.path") → "/cart"'


def test_a_number_that_has_a_name_is_named() -> None:
    (line,) = inside(("proxy_define_metric", 1, b"requests", 16))

    assert line == '  proxy_define_metric(GAUGE, "requests") → 5'


def test_of_many_pairs_the_first_are_shown() -> None:
    headers = tuple((b"x-%d" % number, b"v") for number in range(9))
    module = plugin({"request_headers": [("proxy_get_header_map_pairs", 0, *OUT)]})

    with Host.start(module, trace=True) as host:
        host.http(messages.request("/", headers=headers))

    assert timeline(host.trace)[1].endswith(', x-1: "v", … 8 more}')


def test_an_allocator_is_shown_where_it_does_something_of_its_own() -> None:
    module = plugin(
        {"request_headers": [("proxy_get_header_map_value", 0, b":path", *OUT)]},
        allocator='(func (export "malloc") (param i32) (result i32)'
        " (drop (call $proxy_log (i32.const 2) (i32.const 1024) (i32.const 5)))"
        " (i32.const 4096))",
    )

    assert shown(module)[2:] == (
        "    no context: malloc(size 5) → 4096",
        '      proxy_log(INFO, ":path")',
    )


def test_a_trap_stands_where_it_happened() -> None:
    lines = told({"request_headers": [UNREACHABLE]})

    assert lines == (
        "mine, stream 2: proxy_on_request_headers(num_headers 5, end_of_stream true) ✗ trapped",
    )


def test_a_call_on_behalf_of_another_context_names_it() -> None:
    lines = inside(("proxy_set_effective_context", 1), ("proxy_log", 2, b"text"))

    assert lines == (
        "  proxy_set_effective_context(1)",
        '  mine: proxy_log(INFO, "text")',
    )
