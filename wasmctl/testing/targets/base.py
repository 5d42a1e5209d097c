"""What a target is: it starts plugins, plays steps and reports; it never judges.

A target opens a stage for a whole file (Envoy: one process), a stage opens a session for each
test (its own VM), and a session plays the test's steps. So a new target is one module that knows
nothing of scenario files or expectations.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from wasmctl.messages import Message
from wasmctl.plugin import Plugin
from wasmctl.testing.observation import Aspect, Observation


@dataclass(frozen=True, kw_only=True)
class Setup:
    """How the plugin of one test is to be started, in Envoy's words.

    Attributes:
        key: unique among the setups of a stage; made of letters, digits and ``-``.
        environment: the variables of the plugin's VM.

    """

    key: str
    plugin: Plugin
    configuration: bytes = b""
    root_id: str = ""
    vm_id: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)


class Session(Protocol):
    """One plugin, started for one test."""

    def exchange(self, request: Message, reply: Message) -> None:
        """Send a request through the plugin; the upstream, if it is reached, answers ``reply``.

        Returns when the client has its answer, or will get none. Nothing is sent where the
        plugin did not start.
        """

    def observation(self) -> Observation:
        """Return all that was seen since the plugin started."""


class Stage(Protocol):
    """A place where the tests of one file run, one after the other."""

    def session(self, setup: Setup) -> AbstractContextManager[Session]:
        """Open the session of one test; its end is the end of the plugin's VM."""


class Target(Protocol):
    """A machine that can run plugins."""

    name: str
    sees: frozenset[Aspect]

    def stage(self, setups: Sequence[Setup]) -> AbstractContextManager[Stage]:
        """Make everything ready for the tests whose setups are given."""
