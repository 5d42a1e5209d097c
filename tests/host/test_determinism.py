"""Two runs of anything see, say and cost the same."""

from tests.host.conftest import Start
from tests.host.plugins import OUT, VALUE, Statement, plugin
from wasmctl import messages
from wasmctl.host import Exchange, Host
from wasmctl.records import LogLine

_TIMES: list[Statement] = [
    ("proxy_get_current_time_nanoseconds", 16),
    ("clock_time_get", 0, 0, 24),
    ("clock_time_get", 1, 0, 32),
    ("random_get", 40, 16),
    "(drop (call $proxy_log (i32.const 2) (i32.const 16) (i32.const 40)))",
]
_WORK: list[Statement] = [
    "(local.set 0 (i32.and (i32.load (i32.const 40)) (i32.const 1023)))",
    "(loop $again (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))",
    ("proxy_get_property", b"request\0time", *OUT),
    VALUE,
]


def run(start: Start) -> tuple[tuple[LogLine, ...], int, list[Exchange]]:
    host = start(plugin({"configure": _TIMES, "request_headers": [*_TIMES, *_WORK]}))
    exchanges = [host.http(messages.request("/")) for _ in range(3)]
    host.close()
    return host.logs, host.fuel, exchanges


def test_two_runs_are_the_same(start: Start) -> None:
    assert run(start) == run(start)


def test_both_ways_of_calling_are_the_same() -> None:
    content = plugin({"configure": _TIMES, "request_headers": [*_TIMES, *_WORK]})
    seen = []
    for fast_calls in (True, False):
        with Host.start(content, fast_calls=fast_calls) as host:
            exchange = host.http(messages.request("/"))
            seen.append((host.logs, host.fuel, exchange))

    assert seen[0] == seen[1]
