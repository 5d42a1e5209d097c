"""What carries connections between ports of this machine and the sockets of a container.

A process of its own: ``python -m wasmctl.envoy.engines.relay NUMBER=ADDRESS…``. Each NUMBER is an
open, listening socket; what arrives at it is carried to ADDRESS, ``unix:PATH`` or ``HOST:PORT``.
Bytes, and the end of each direction, pass as they are; a connection that is reset, or that ADDRESS
does not take, is closed.
"""

import contextlib
import os
import resource
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from wasmctl import processes
from wasmctl.envoy.engines import unix_sockets
from wasmctl.envoy.engines.base import Address
from wasmctl.processes import Process

_CHUNK = 1 << 16
_UNIX = "unix:"

_Dial = Callable[[], socket.socket]


@dataclass(frozen=True, kw_only=True)
class Route:
    """What arrives at ``listening`` is carried to ``address``."""

    listening: socket.socket
    address: Address


@contextlib.contextmanager
def relaying(routes: Sequence[Route]) -> Iterator[Process]:
    """Start the relay; it ends with the block, or with us. The thread must outlive it."""
    numbers = [route.listening.fileno() for route in routes]
    words = [f"{number}={route.address}" for number, route in zip(numbers, routes, strict=True)]
    command = [sys.executable, "-P", "-m", __name__, *words]
    # The same modules as here, however this interpreter found them.
    environment = {"PYTHONPATH": os.pathsep.join(sys.path)}
    with processes.companion(command, environment=environment, inherit=numbers) as process:
        yield process


def dialler(address: str) -> _Dial:
    """Return what connects to an address."""
    if address.startswith(_UNIX):
        path = Path(address.removeprefix(_UNIX))
        return lambda: unix_sockets.connected(path)
    host, _, port = address.rpartition(":")
    return lambda: _without_delay(socket.create_connection((host.strip("[]"), int(port))))


def relay(listening: socket.socket, dial: _Dial) -> None:
    """Carry each connection that arrives, for ever."""
    while True:
        near = _without_delay(listening.accept()[0])
        threading.Thread(target=_carry, args=(near, dial), daemon=True).start()


def _carry(near: socket.socket, dial: _Dial) -> None:
    with near, contextlib.suppress(OSError), dial() as far:
        back = threading.Thread(target=_pump, args=(far, near), daemon=True)
        back.start()
        _pump(near, far)
        back.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    """Carry one direction to its end; where it breaks, break the other too."""
    try:
        while chunk := source.recv(_CHUNK):
            sink.sendall(chunk)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def _without_delay(opened: socket.socket) -> socket.socket:
    # Small messages in both directions must not wait for each other.
    if opened.family != socket.AF_UNIX:
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return opened


def main(routes: Sequence[str]) -> None:
    """Carry until the input ends, as it does with whoever started this."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    for route in routes:
        number, _, address = route.partition("=")
        listening = socket.socket(fileno=int(number))
        threading.Thread(target=relay, args=(listening, dialler(address)), daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1:])
