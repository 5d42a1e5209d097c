"""A container whose ports are published on 127.0.0.1 of the engine's machine, and only there."""

import contextlib
import dataclasses
import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from wasmctl import files
from wasmctl.containers import Container, Plan
from wasmctl.envoy.engines.base import Address, Machine, TcpAddress
from wasmctl.envoy.engines.container_machine import running
from wasmctl.envoy.engines.ground import RUN_FOLDER, Ground
from wasmctl.envoy.engines.stay import staying

_FIRST_PORT = 10000
_ANY_HOST = "0.0.0.0"  # noqa: S104 - of the container's own network, which has one door
_OUTSIDE = "host.docker.internal"


class PortSite:
    """Listeners are published ports; servers on this machine have a name of the engine's.

    Where the engine does not see the run folder, its files are copied as they are at the start:
    what is written later does not reach Envoy.
    """

    def __init__(self, ground: Ground, *, network: str = "bridge") -> None:
        self._ground = ground
        self._network = network
        self._listeners: dict[str, int] = {}

    def path(self, file: Path) -> str:
        """Return the file's name in the container."""
        return self._ground.path(file)

    def listen(self, name: str, port: int = 0) -> Address:
        """Return a port of the container; ``port`` of 127.0.0.1 will lead to it."""
        self._listeners[name] = port
        return TcpAddress(host=_ANY_HOST, port=self._inside(name))

    def server(self, address: TcpAddress) -> Address:
        """Return the server's address; this machine has another name in the container."""
        if _is_loopback(address.host):
            return dataclasses.replace(address, host=_OUTSIDE)
        return address

    @contextlib.contextmanager
    def started(self, arguments: Sequence[str]) -> Iterator[Machine]:
        """Start Envoy; it ends with the block.

        Raises EnvironmentMissingError where the engine does not start the container.
        """
        with staying(self._ground.docker) as stay:
            container = stay.create(self._plan(arguments))
            if not self._ground.is_seen:
                container.put(RUN_FOLDER, _content(self._ground.folder))
            label = self._ground.label(container, "on ports")
            with running(container, label, lambda: self._published(container)) as machine:
                yield machine

    def _plan(self, arguments: Sequence[str]) -> Plan:
        plan = dataclasses.replace(
            self._ground.plan(arguments),
            network=self._network,
            ports={self._inside(name): port for name, port in self._listeners.items()},
            hosts={_OUTSIDE: "host-gateway"},
        )
        if self._ground.is_seen:
            mount = self._ground.lend(self._ground.folder, RUN_FOLDER)
            return dataclasses.replace(plan, mounts=(mount,))
        return dataclasses.replace(plan, folders=(RUN_FOLDER,))

    def _published(self, container: Container) -> Mapping[str, TcpAddress]:
        ports = container.ports()
        inside = {name: self._inside(name) for name in self._listeners}
        return {
            name: TcpAddress(port=ports[number])
            for name, number in inside.items()
            if number in ports
        }

    def _inside(self, name: str) -> int:
        return _FIRST_PORT + list(self._listeners).index(name)


def _content(folder: Path) -> dict[str, bytes]:
    found = (file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): files.read(file) for file in found}


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
