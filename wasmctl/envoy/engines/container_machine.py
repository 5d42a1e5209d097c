"""An Envoy that runs in a container."""

import contextlib
import http.client
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping

from wasmctl.containers import Container, Ending
from wasmctl.envoy.admin import connection
from wasmctl.envoy.engines.base import ADMIN, Address, Exit, TcpAddress
from wasmctl.errors import WasmctlError

_KNOCK_SECONDS = 1.0
_STOP_SECONDS = 5.0
# What shells, and the container's first process, add to a signal's number (tini, docker-run(1)).
_SIGNALLED = 128
_SIGNALS = {int(number) for number in signal.Signals}


class ContainerMachine:
    """The Machine in a container that runs; ``addresses`` are those of its listeners out here."""

    def __init__(
        self,
        container: Container,
        output: Iterable[str],
        *,
        label: str,
        addresses: Mapping[str, TcpAddress],
    ) -> None:
        self.label = label
        self.output = output
        self._container = container
        self._addresses = addresses
        self._is_answering = False
        self._exit: Exit | None = None
        self._waiter = threading.Thread(target=self._wait, daemon=True)
        self._waiter.start()

    def poll(self) -> Exit | None:
        """Return how it ended, None while it runs."""
        return self._exit

    def wait(self, seconds: float) -> Exit | None:
        """Wait for its end; None where it still runs after that."""
        self._waiter.join(seconds)
        return self._exit

    def admin(self) -> Address | None:
        """Return where its admin interface answers; None while it does not."""
        address = self._addresses.get(ADMIN)
        if address and not self._is_answering:
            self._is_answering = _answers(address)
        return address if self._is_answering else None

    def outside(self, name: str, _inside: Address) -> Address:
        """Return the port of this machine that leads to a listener."""
        return self._addresses[name]

    def stop(self) -> None:
        """End it politely, and by force where it does not go; returns when it is gone."""
        if self._exit is None:
            self._container.stop()
            self.wait(_STOP_SECONDS)

    def kill(self) -> None:
        """End it by force, at once."""
        if self._exit is None:
            self._container.kill()
            self.wait(_STOP_SECONDS)

    def _wait(self) -> None:
        try:
            self._exit = _exit(self._container.wait())
        except WasmctlError:
            self._exit = Exit()  # the container, or the engine itself, is gone: nobody knows


@contextlib.contextmanager
def running(
    container: Container, label: str, addresses: Callable[[], Mapping[str, TcpAddress]]
) -> Iterator[ContainerMachine]:
    """Start a container, its output read from the first line; end it with the block.

    ``addresses`` is asked once it runs.
    """
    with container.output() as output:
        container.start()
        machine = ContainerMachine(container, output, label=label, addresses=addresses())
        try:
            yield machine
        finally:
            machine.stop()


def _answers(address: TcpAddress) -> bool:
    # What carries connections to the container takes them before Envoy does: only an answer tells.
    opened = connection(address)
    opened.timeout = _KNOCK_SECONDS
    try:
        opened.request("GET", "/ready")
        opened.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        opened.close()
    return True


def _exit(ending: Ending) -> Exit:
    number = ending.code - _SIGNALLED
    if number in _SIGNALS:
        return Exit(signal=number, out_of_memory=ending.out_of_memory)
    return Exit(code=ending.code, out_of_memory=ending.out_of_memory)
