"""What a hostcall costs the embedded host, above the bare crossings it consists of.

A hostcall crosses the boundary once; one that returns bytes crosses back for the guest's
allocator, which is counted to it here. Times are of the CPU, of a loop inside the guest.
"""

import statistics
import time
from collections.abc import Callable, Iterator

from bench.figures import Figure
from tests.host.plugins import plugin
from wasmctl import messages
from wasmctl.host import Host

ROUNDS = 7
CALLS = 20_000
AIM = 2.5  # µs
VALUE = b"v" * 32
REQUEST = messages.request("/", headers=((b"x-name", VALUE),))

_STRINGS = f'(data (i32.const 512) "x-name{VALUE.decode()}")'
_ALLOCATOR = '(func (export "malloc") (param i32) (result i32) (i32.const 65536))'
_READ = (
    "(drop (call $proxy_get_header_map_value (i32.const 0) (i32.const 512) (i32.const 6)"
    " (i32.const 16) (i32.const 20)))"
)
_WRITE = (
    "(drop (call $proxy_replace_header_map_value (i32.const 0) (i32.const 512) (i32.const 6)"
    " (i32.const 518) (i32.const 32)))"
)
_BARE = "(drop (call $sched_yield))"


def measure() -> Iterator[Figure]:
    loops = [_loop(""), _loop(_BARE), _loop(_READ), _loop(_WRITE), _loop(_READ, trace=True)]
    empty, *medians = _medians(loops)
    bare, read, write, traced = (median - empty for median in medians)
    yield _figure("a hostcall that does nothing", bare, "reading a header of 32 bytes", read)
    yield _figure("reading a header of 32 bytes, above it", read - bare, "the aim", AIM)
    yield _figure("writing one, above it", write - bare, "the aim", AIM)
    yield _figure("reading one, traced", traced, "untraced", read)


def _figure(what: str, value: float, beside: str, other: float) -> Figure:
    return Figure(what=what, value=value, unit="µs", beside=beside, other=other)


def _medians(loops: list[Callable[[], float]]) -> list[float]:
    rounds = [[loop() for loop in loops] for _ in range(ROUNDS)]
    return [statistics.median(taken) for taken in zip(*rounds, strict=True)]


def _loop(call: str, *, trace: bool = False) -> Callable[[], float]:
    """Return what measures the microseconds of one turn of a loop around a call."""
    content = plugin({"request_headers": [_repeated(call)]}, allocator=_ALLOCATOR, extra=_STRINGS)

    def once() -> float:
        with Host.start(content, vm_configuration=b"1", trace=trace) as host:
            begun = time.process_time()
            host.http(REQUEST)
            return (time.process_time() - begun) / CALLS * 1_000_000

    return once


def _repeated(call: str) -> str:
    return f"""(local $left i32) (local.set $left (i32.const {CALLS}))
        (loop $again {call}
          (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))"""
