"""A target that shows what it was told to show, and remembers what it was asked to do."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tests.fakes.sessions import FakeSession
from wasmctl.errors import WasmctlError
from wasmctl.testing.observation import Aspect, Observation
from wasmctl.testing.targets.base import Ability, Sending, Session, Setup, Stage


@dataclass
class FakeTarget:
    """Shows the observation of each setup's key, or raises its error.

    Attributes:
        missing: why nothing can run here, if so.
        played: the events, in order: ``stage``, ``open KEY``, ``request PATH``, ``close KEY``.

    """

    shows: Mapping[str, Observation | WasmctlError]
    name: str = "harness"
    sees: frozenset[Aspect] = frozenset(Aspect)
    can: frozenset[Ability] = frozenset(Ability)
    longest: int | None = None
    missing: WasmctlError | None = None
    played: list[str] = field(default_factory=list)

    def has_property(self, path: tuple[str, ...]) -> bool:
        return bool(path)

    @contextlib.contextmanager
    def stage(self, setups: Sequence[Setup]) -> Iterator[Stage]:
        if self.missing:
            raise self.missing
        self.played.append(f"stage {' '.join(setup.key for setup in setups)}")
        yield _FakeStage(self)

    def show(self, key: str) -> Observation:
        shown = self.shows[key]
        if isinstance(shown, WasmctlError):
            raise shown
        return shown


@dataclass
class _FakeStage:
    target: FakeTarget

    @contextlib.contextmanager
    def session(self, setup: Setup) -> Iterator[Session]:
        self.target.played.append(f"open {setup.key}")
        yield FakeSession(show=lambda: self.target.show(setup.key), on_send=self._note)
        self.target.played.append(f"close {setup.key}")

    def _note(self, sending: Sending) -> None:
        (path,) = sending.request.values(b":path")
        reply = sending.origin.message
        self.target.played.append(
            f"request {path.decode()} reply {reply.status if reply else None}"
        )
