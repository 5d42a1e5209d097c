"""``wasmctl run``: how soon it answers, beside a bare Envoy; how soon a replaced module does; many.

Times are taken inside one interpreter; what the interpreter and its imports take is a line of its
own.
"""

import contextlib
import dataclasses
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from bench import demo
from bench.figures import Figure, medians
from wasmctl import launch, plugin
from wasmctl.envoy import engines
from wasmctl.envoy.engines.base import Choice
from wasmctl.envoy.engines.process import ProcessEngine
from wasmctl.launch import Run, folder
from wasmctl.launch.order import Order
from wasmctl.launch.plugins import Deployed
from wasmctl.launch.wiring import Wiring

ROUNDS = 9
MANY = 20
PLUGINS = 100
_REQUEST = b"GET /hello HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\r\n"


def measure() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as place:
        os.environ["XDG_STATE_HOME"] = place
        yield from _start(Path(place))
        yield _interpreter()
        yield _replaced(Path(place))
        yield _at_once()
        yield from _hundred()


def _order(**changes: object) -> Order:
    found = plugin.open_plugin(demo.module())
    deployed = Deployed(name="demo", plugin=found, configuration=_configuration(), root_id="")
    order = Order(name=folder.new_name("bench"), plugins=(deployed,))
    return dataclasses.replace(order, **changes)  # type: ignore[arg-type]  # Order's fields


def _configuration() -> bytes:
    return next((demo.project() / "config").glob("*.json")).read_bytes()


def _get(port: int) -> None:
    """Return when there is a whole answer."""
    while True:
        with (
            contextlib.suppress(ConnectionError),
            socket.create_connection(("127.0.0.1", port)) as client,
        ):
            client.sendall(_REQUEST)
            answer = b"".join(iter(lambda: client.recv(65536), b""))
            if answer.startswith(b"HTTP/1.1 "):  # 100 plugins add more headers than are taken
                return
        time.sleep(0.0005)


def _port(run: Run) -> int:
    return urlsplit(run.record.url).port or 0


@contextlib.contextmanager
def _running(order: Order) -> Iterator[Run]:
    with launch.running(order, engines.choose("process"), on_said=lambda _said: None) as run:
        yield run


def _start(place: Path) -> Iterator[Figure]:
    # In turn, so that noise meets both.
    pairs = [(_ours(), _bare(place)) for _ in range(ROUNDS)]
    yield Figure(
        what="run: from the order to the first response",
        value=statistics.median(ours for ours, _ in pairs),
        unit="s",
        beside="a bare Envoy with the same bootstrap",
        other=statistics.median(bare for _, bare in pairs),
    )


def _ours() -> float:
    begun = time.perf_counter()
    with _running(_order()) as run:
        _get(_port(run))
        return time.perf_counter() - begun


def _bare(place: Path) -> float:
    engine = ProcessEngine.of(Choice())
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    Wiring(order=_order(port=port), site=engine.site(place), folder=place).write()
    begun = time.perf_counter()
    command: list[str | Path] = [
        engine.binary,
        "-c",
        place / folder.BOOTSTRAP,
        "--concurrency",
        "1",
    ]
    quiet = ["--disable-hot-restart", "--log-level", "off"]
    with subprocess.Popen([*command, *quiet]) as process:
        try:
            _get(port)
            return time.perf_counter() - begun
        finally:
            process.kill()


def _interpreter() -> Figure:
    ours: list[str | Path] = [demo.WASMCTL, "run", "--help"]
    imports: list[str | Path] = [sys.executable, "-c", "import typer.main"]
    value, other = medians([ours, imports], rounds=ROUNDS)
    return Figure(
        what="the interpreter's start: wasmctl run --help",
        value=value,
        unit="s",
        beside="Python importing typer",
        other=other,
    )


def _replaced(place: Path) -> Figure:
    module = place / "demo.wasm"
    original = demo.module().read_bytes()
    module.write_bytes(original)
    order = _order(reload=True)
    watched = dataclasses.replace(order.plugins[0], file=module)
    taken, notes = [], [0]

    def note(_text: str) -> None:
        notes[0] += 1

    engine = engines.choose("process")
    with launch.running(
        dataclasses.replace(order, plugins=(watched,)),
        engine,
        on_said=lambda _said: None,
        on_note=note,
    ) as run:
        for count in range(ROUNDS):
            # A custom section: other bytes, the same plugin.
            module.write_bytes(original + bytes((0, 3, 1, 120, count)))
            begun, before = time.perf_counter(), notes[0]
            while notes[0] == before:
                run.check()
                time.sleep(0.001)
            _get(_port(run))
            taken.append(time.perf_counter() - begun)
    return Figure(
        what="reload: from the replaced file to its response",
        value=statistics.median(taken),
        unit="s",
        beside="run: from the order to the first response",
        other=_ours(),
    )


def _at_once() -> Figure:
    begun = time.perf_counter()
    with contextlib.ExitStack() as stack:
        runs = [stack.enter_context(_running(_order())) for _ in range(MANY)]
        for run in runs:
            _get(_port(run))
    return Figure(
        what=f"{MANY} Envoys side by side: start, answer, stop",
        value=time.perf_counter() - begun,
        unit="s",
        beside="one",
        other=_one(),
    )


def _one() -> float:
    begun = time.perf_counter()
    with _running(_order()) as run:
        _get(_port(run))
    return time.perf_counter() - begun


def _hundred() -> Iterator[Figure]:
    one = _order()
    names = [f"demo-{number}" for number in range(PLUGINS)]
    many = tuple(dataclasses.replace(one.plugins[0], name=name, vm_id=name) for name in names)
    single, single_memory = _time_and_memory(one)
    value, memory = _time_and_memory(dataclasses.replace(_order(), plugins=many))
    yield Figure(
        what=f"{PLUGINS} plugins in one Envoy: first response",
        value=value,
        unit="s",
        beside="one plugin",
        other=single,
    )
    yield Figure(
        what=f"{PLUGINS} plugins in one Envoy: memory",
        value=memory,
        unit="MB",
        beside="one plugin",
        other=single_memory,
    )


def _time_and_memory(order: Order) -> tuple[float, float]:
    begun = time.perf_counter()
    with _running(order) as run:
        _get(_port(run))
        taken = time.perf_counter() - begun
        pid = int(run.record.machine.split()[-1])
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return taken, pages * os.sysconf("SC_PAGE_SIZE") / 1e6
