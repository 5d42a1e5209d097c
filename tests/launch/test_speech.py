from wasmctl.abi.types import LogLevel
from wasmctl.envoy.logs import Identity
from wasmctl.launch.speech import Listener, Said, Speaker

_HTTP = Speaker(identity=Identity(name="p", root_id="", vm_id="one"))
_SERVICE = Speaker(identity=Identity(name="s", root_id="", vm_id="two"), is_service=True)

# As a real Envoy writes at its start: 1 is the main thread, 2 a worker.
_START = """\
debug|wasm|1|Base Wasm created 1 now active
debug|wasm|1|Thread-Local Wasm created 2 now active
info|wasm|1|wasm log {vm}: rehearsal
debug|wasm|1|~Wasm 1 remaining active
debug|wasm|1|Thread-Local Wasm created 2 now active
info|wasm|1|wasm log {vm}: main
debug|wasm|2|Thread-Local Wasm created 3 now active
info|wasm|2|wasm log {vm}: worker
"""


def said(listener: Listener, text: str) -> list[str]:
    found = (listener.said(line) for line in text.splitlines())
    return [one.text for one in found if one]


def test_a_plugin_of_streams_is_heard_on_its_workers() -> None:
    assert said(Listener([_HTTP]), _START.format(vm="one")) == ["worker"]


def test_a_service_is_heard_on_the_main_thread_after_the_rehearsal() -> None:
    lines = _START.format(vm="two").splitlines()[:-1]

    assert said(Listener([_SERVICE]), "\n".join(lines)) == ["main"]


def test_plugins_are_told_apart() -> None:
    listener = Listener([_HTTP, _SERVICE])

    listener.said("info|main|1|starting")
    found = listener.said("warning|wasm|2|wasm log p one: hello")

    assert found == Said(plugin="p", level=LogLevel.WARN, text="hello")


def test_envoys_own_messages_have_no_plugin() -> None:
    found = Listener([_HTTP]).said("error|upstream|1|no route")

    assert found == Said(plugin=None, level=LogLevel.ERROR, text="no route")


def test_a_trap_is_envoys_message() -> None:
    found = Listener([_HTTP]).said("error|wasm|2|Function: proxy_on_log failed: unreachable")

    assert found == Said(
        plugin=None, level=LogLevel.ERROR, text="Function: proxy_on_log failed: unreachable"
    )


def test_traces_and_crash_lines_are_no_messages() -> None:
    listener = Listener([_HTTP])

    assert said(listener, "trace|wasm|2|[host->vm] proxy_on_log(2)\n0x00 crash") == []
