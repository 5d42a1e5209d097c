"""What a plugin makes the host keep, without end: it is ended before memory is."""

import pytest

from tests.host.conftest import Start
from tests.host.plugins import plugin
from wasmctl import messages
from wasmctl.host import Limits
from wasmctl.records import TrapKind

LIMITS = Limits(growth=64 << 20)
HOARDS = {
    "messages": "$proxy_log (i32.const 2) (i32.const 0) (i32.const 60000)",
    "a header": "$proxy_add_header_map_value (i32.const 0)"
    " (i32.const 0) (i32.const 9) (i32.const 0) (i32.const 60000)",
    "waiting bytes": "$proxy_enqueue_shared_queue (i32.const 1) (i32.const 0) (i32.const 60000)",
    "metrics": "$proxy_define_metric (i32.const 0) (i32.const 0) (i32.const 60000) (i32.const 16)",
}


@pytest.mark.parametrize("hoard", HOARDS.values(), ids=HOARDS)
def test_a_plugin_that_fills_the_hosts_memory_is_ended(hoard: str, start: Start) -> None:
    again = f"(loop $again (drop (call {hoard})) (br $again))"
    module = plugin({"request_headers": [("proxy_register_shared_queue", b"q", 16), again]})
    host = start(module, limits=LIMITS)

    exchange = host.http(messages.request("/"))

    assert exchange.trap
    assert exchange.trap.kind is TrapKind.MEMORY_LIMIT
    assert exchange.trap.message == "the process grew by more than 64 MiB"


def test_a_plugin_that_needs_little_is_not_ended(start: Start) -> None:
    host = start(plugin({"request_headers": [("proxy_log", 2, b"text")] * 100}), limits=LIMITS)

    exchange = host.http(messages.request("/"))

    assert exchange.trap is None
