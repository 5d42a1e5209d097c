"""What grows with what: streams, headers, frames of a body, plugins in the chain."""

import gc
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import demo
from bench.figures import Figure
from tests.host.plugins import plugin
from wasmctl import messages, project
from wasmctl.abi.types import LogLevel
from wasmctl.host import Host, PluginSettings
from wasmctl.messages import Message
from wasmctl.plugin import open_plugin

STREAMS = 100_000
OPEN = 1_000
ROUNDS = 5
REQUESTS = 100
_PASS = plugin({"request_headers": [], "request_body": [], "response_headers": []})
_PAUSE = plugin({"request_headers": []}, returns={"request_headers": 3})


def measure() -> Iterator[Figure]:
    yield _endurance()
    yield from _open_at_once()
    yield from _table("headers", (10, 100, 1000), _with_headers)
    yield from _table("frames of a body", (10, 100, 1000), _with_frames)
    yield from _table("plugins in the chain", (1, 10, 50), _with_plugins)


def _endurance() -> Figure:
    """Run streams through one machine, and see what the process holds afterwards."""
    made = project.load(demo.project())
    plugin = open_plugin(made.output)
    with Host.start(
        plugin,
        configuration=made.configuration(),
        root_id=made.file.plugin.root_id,
        log_level=LogLevel.CRITICAL,  # what a plugin says is kept
    ) as host:
        _serve(host, STREAMS // 10)
        before = _resident()
        _serve(host, STREAMS)
        grown = _resident() - before
    what = f"memory after {STREAMS:,} streams, above before"
    return Figure(what=what, value=grown / 1e6, unit="MB", beside="before", other=before / 1e6)


def _serve(host: Host, count: int) -> None:
    request = messages.request("/")
    for _ in range(count):
        host.http(request)


def _open_at_once() -> Iterator[Figure]:
    """Open streams that pause, and share out what they take."""
    with Host.start(_PAUSE) as host:
        request = messages.request("/")
        alone = _microseconds(lambda: host.http(request))
        before, begun = _resident(), time.perf_counter()
        streams = [host.send(request) for _ in range(OPEN)]
        taken = (time.perf_counter() - begun) / OPEN * 1e6
        held = (_resident() - before) / OPEN / 1000
        for stream in streams:
            stream.cancel()
    what = f"each of {OPEN:,} streams open at once"
    yield Figure(what=what, value=held, unit="kB", beside="a page of memory", other=4.096)
    yield Figure(what=what, value=taken, unit="µs", beside="a stream that is alone", other=alone)


def _table(
    what: str, sizes: tuple[int, ...], prepared: Callable[[int], Callable[[], object]]
) -> Iterator[Figure]:
    """Print the cost of each at growing numbers; the ratio is one where it grows in line."""
    first = None
    for size in sizes:
        each = _microseconds(prepared(size)) / size
        first = each if first is None else first
        yield Figure(
            what=f"{size:,} {what}, each",
            value=each,
            unit="µs",
            beside=f"each of {sizes[0]}",
            other=first,
        )


def _microseconds(work: Callable[[], object]) -> float:
    return statistics.median(_once(work) for _ in range(ROUNDS))


def _once(work: Callable[[], object]) -> float:
    gc.collect()
    begun = time.process_time()
    for _ in range(REQUESTS):
        work()
    return (time.process_time() - begun) / REQUESTS * 1e6


def _with_headers(count: int) -> Callable[[], object]:
    headers = tuple((b"x-%d" % number, b"value") for number in range(count))
    return _requests([PluginSettings(plugin=_PASS)], messages.request("/", headers=headers))


def _with_frames(count: int) -> Callable[[], object]:
    request = messages.request("/", method="POST", chunks=(b"0123456789",) * count)
    return _requests([PluginSettings(plugin=_PASS)], request)


def _with_plugins(count: int) -> Callable[[], object]:
    chain = [
        PluginSettings(plugin=_PASS, name=f"p{number}", vm_id=f"v{number}")
        for number in range(count)
    ]
    return _requests(chain, messages.request("/"))


def _requests(chain: list[PluginSettings], request: Message) -> Callable[[], object]:
    host = Host.chain(chain)
    return lambda: host.http(request)


def _resident() -> int:
    """Return the bytes of memory this process holds (proc(5), statm)."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
