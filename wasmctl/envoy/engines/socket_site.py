"""A container without a network: everything passes through unix sockets and a relay."""

import contextlib
import dataclasses
import socket
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from wasmctl import files
from wasmctl.containers import Plan
from wasmctl.envoy.engines import unix_sockets
from wasmctl.envoy.engines.base import Address, Machine, TcpAddress, UnixAddress
from wasmctl.envoy.engines.container_machine import running
from wasmctl.envoy.engines.ground import RUN_FOLDER, Ground
from wasmctl.envoy.engines.relay import Route, relaying
from wasmctl.envoy.engines.stay import staying
from wasmctl.errors import EnvironmentMissingError

_LOOPBACK = "127.0.0.1"
_SOCKETS = "/wasmctl/sockets"


class SocketSite:
    """Listeners and servers are sockets in a folder that the container shares with us."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._sockets = ground.folder / "sockets"
        self._listeners: dict[str, int] = {}
        self._servers: list[TcpAddress] = []

    def path(self, file: Path) -> str:
        """Return the file's name in the container."""
        return self._ground.path(file)

    def listen(self, name: str, port: int = 0) -> Address:
        """Return a socket of the shared folder; a port of this machine will lead to it."""
        self._listeners[name] = port
        return UnixAddress(path=f"{_SOCKETS}/{self._listener(name)}")

    def server(self, address: TcpAddress) -> Address:
        """Return a socket of the shared folder; it will lead to the server."""
        if address not in self._servers:
            self._servers.append(address)
        return UnixAddress(path=f"{_SOCKETS}/{self._server(address)}")

    @contextlib.contextmanager
    def started(self, arguments: Sequence[str]) -> Iterator[Machine]:
        """Start the relay, then Envoy; both end with the block, and the sockets go.

        Raises EnvironmentMissingError where a port is taken, and where the engine does not start
        the container.
        """
        with contextlib.ExitStack() as stack:
            stay = stack.enter_context(staying(self._ground.docker, self._sockets))
            plan = self._plan(arguments)
            addresses = stack.enter_context(self._wired())
            container = stay.create(plan)
            label = self._ground.label(container, "on sockets, without a network")
            yield stack.enter_context(running(container, label, lambda: addresses))

    def _plan(self, arguments: Sequence[str]) -> Plan:
        try:
            self._sockets.mkdir(mode=0o700)
        except OSError as error:
            raise files.refusal(error, "create", self._sockets) from error
        run_folder = self._ground.lend(self._ground.folder, RUN_FOLDER)
        sockets = self._ground.lend(self._sockets, _SOCKETS, is_writable=True)
        return dataclasses.replace(self._ground.plan(arguments), mounts=(run_folder, sockets))

    @contextlib.contextmanager
    def _wired(self) -> Iterator[Mapping[str, TcpAddress]]:
        with contextlib.ExitStack() as ours:
            inward = {
                name: ours.enter_context(_bound(port)) for name, port in self._listeners.items()
            }
            outward = {
                address: ours.enter_context(
                    unix_sockets.listening(self._sockets / self._server(address))
                )
                for address in self._servers
            }
            addresses = {
                name: TcpAddress(port=opened.getsockname()[1]) for name, opened in inward.items()
            }
            with relaying([*self._inward(inward), *_outward(outward)]):
                ours.close()  # the relay has its own
                yield addresses

    def _inward(self, opened: Mapping[str, socket.socket]) -> Iterator[Route]:
        for name, listening in opened.items():
            where = UnixAddress(path=str(self._sockets / self._listener(name)))
            yield Route(listening=listening, address=where)

    def _listener(self, name: str) -> str:
        return f"listener-{list(self._listeners).index(name)}"

    def _server(self, address: TcpAddress) -> str:
        return f"server-{self._servers.index(address)}"


def _outward(opened: Mapping[TcpAddress, socket.socket]) -> Iterator[Route]:
    for address, listening in opened.items():
        yield Route(listening=listening, address=address)


def _bound(port: int) -> socket.socket:
    opened = socket.socket()
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind((_LOOPBACK, port))
        opened.listen()
    except OSError as error:
        opened.close()
        raise EnvironmentMissingError(
            f"cannot use port {port} of {_LOOPBACK}: {error.strerror}",
            hint="choose another port, or leave the choice to the system with port 0",
        ) from error
    return opened
