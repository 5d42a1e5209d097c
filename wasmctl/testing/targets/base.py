"""What a target is: it starts plugins, plays steps and reports; it never judges.

A target opens a stage for a whole file (Envoy: one process), a stage opens a session for each
test (its own VMs), and a session plays the test's steps. So a new target is one module that knows
nothing of scenario files or expectations.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from wasmctl.abi.types import LogLevel
from wasmctl.messages import Message
from wasmctl.outcomes import Outcome
from wasmctl.plugin import Plugin
from wasmctl.testing.callbacks import CallbackSeen, Called
from wasmctl.testing.observation import Aspect, Observation
from wasmctl.testing.upstreams import Upstream, Upstreams

if TYPE_CHECKING:
    from wasmctl.host.given import Given

# What a client waits for an answer, where nobody says.
PATIENCE = 5_000_000_000
# In the place of a connection's name: one that no other request goes on.
NEW_CONNECTION = "new"


class FailPolicy(StrEnum):
    """What becomes of streams once a plugin's VM has failed."""

    CLOSED = "closed"
    OPEN = "open"
    RELOAD = "reload"


@dataclass(frozen=True, kw_only=True)
class PluginSetup:
    """How one plugin is to be started, in Envoy's words.

    Attributes:
        name: its name in Envoy's configuration; empty: the setup's key.
        environment: the variables of the plugin's VM.
        reload_backoff: nanoseconds until a failed VM is replaced; 0: Envoy's default.
        capabilities: the only functions that it may call or be called with; None: all.
        allow_on_headers_stop_iteration: None: Envoy's default, which is no.

    """

    plugin: Plugin
    name: str = ""
    configuration: bytes = b""
    root_id: str = ""
    vm_id: str = ""
    vm_configuration: bytes = b""
    environment: Mapping[str, str] = field(default_factory=dict)
    fail_open: bool | None = None
    fail_policy: FailPolicy | None = None
    reload_backoff: int = 0
    capabilities: frozenset[str] | None = None
    allow_on_headers_stop_iteration: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """The proxy around the plugins; what is None is as the target has it.

    Attributes:
        clock: nanoseconds since 1970 at the start.
        seed: of the random numbers that plugins see.
        log_level: messages below it are dropped.
        memory: bytes that a plugin may have.
        fuel: what one entry into a plugin may consume.
        wall: nanoseconds that it may take.
        buffer_limit: bytes of a body that are kept while a stream is paused.
        version: what the upstream speaks: ``2`` or ``1.1``.

    """

    clock: int | None = None
    seed: int = 0
    log_level: LogLevel | None = None
    memory: int | None = None
    fuel: int | None = None
    wall: int | None = None
    buffer_limit: int | None = None
    version: str = "2"


@dataclass(frozen=True, kw_only=True)
class Setup:
    """What is to be there for one test.

    Attributes:
        key: unique among the setups of a stage; made of letters, digits and ``-``.
        plugins: in the order in which requests meet them.
        upstreams: the clusters that callouts lead to, by name.
        shared_data: what is there before the plugins start, by ``vm_id``.
        properties: what plugins find at these paths, in the host's words.
        changes: whether plugins are to be configured anew, or begin anew, during the test.
        trace: whether every call between host and plugin is to be taken down.

    """

    key: str
    plugins: tuple[PluginSetup, ...]
    upstreams: Mapping[str, Upstream] = field(default_factory=dict)
    shared_data: Mapping[str, Mapping[bytes, bytes]] = field(default_factory=dict)
    properties: "Mapping[tuple[str, ...], Given]" = field(default_factory=dict)
    surroundings: Surroundings = field(default_factory=Surroundings)
    changes: bool = False
    trace: bool = False


class Until(StrEnum):
    """What a step waits for in a stream; one that has ended has come to all of them."""

    DONE = "done"  # the answer has ended
    PAUSED = "paused"  # a plugin has stopped it, and nothing happens any more
    REQUEST_SENT = "request_sent"  # the client has sent all, and nothing happens any more
    RESPONSE_STARTED = "response_started"  # the client has the answer's headers


@dataclass(frozen=True, kw_only=True)
class Sending:
    """A request, and how it is sent.

    Attributes:
        stream: the stream's name.
        origin: what the upstream does if it is reached.
        gap: nanoseconds between two chunks of the body.
        version: what the client speaks: ``2`` or ``1.1``.
        source: the client's address.
        connection: the name of the client's connection; empty: the one of all that name none.

    """

    request: Message
    origin: Outcome
    stream: str = "stream"
    gap: int = 0
    version: str = "2"
    source: str = "127.0.0.1"
    connection: str = ""


class Ability(StrEnum):
    """What not every target can do, in words that follow "needs"."""

    SHARED_DATA = "shared data to be set from outside"
    QUEUES = "a queue to be filled from outside"
    CALLBACKS = "a plugin whose callbacks are called one by one"
    PROPERTIES = "properties that only a TLS connection or another proxy would have"
    LONG_TIME = "more time to pass than a real clock is waited for"


class Session(Protocol):
    """The plugins of one test, and all around them.

    Nothing is sent, and nothing changed, where the plugins did not start.
    """

    upstreams: Upstreams

    def send(self, *sendings: Sending) -> None:
        """Let the client begin streams, and go as far as they can while no time passes.

        Several are begun at once: none waits for what becomes of another.
        """

    def wait(self, stream: str, until: Until, patience: int = PATIENCE) -> bool:
        """Wait until a stream has come so far; return whether it has.

        A client that waits for the end of an answer in vain for ``patience`` nanoseconds gives
        up.
        """

    def wait_for_all(self, streams: Sequence[str], patience: int = PATIENCE) -> None:
        """Wait until streams are done, with as little as possible in between."""

    def answer_callout(self, cluster: str, number: int, outcome: Outcome) -> bool:
        """Answer a callout that is held, by its number among those of its cluster, from 0.

        Return whether there is one.
        """

    def answer_stream(self, stream: str, outcome: Outcome) -> bool:
        """Answer a stream's request that the upstream holds; return whether it does."""

    def advance(self, nanoseconds: int) -> None:
        """Let time pass."""

    def reconfigure(self, plugin: str | None, configuration: bytes) -> str | None:
        """Give a plugin, by its name or the only one, another configuration.

        Return why it refuses it, if it does: then it keeps the one it has.
        """

    def restart_vm(self) -> None:
        """Let the plugins begin anew in fresh VMs."""

    def cancel(self, stream: str) -> None:
        """Let the client give a stream up."""

    def set_shared_data(self, vm_id: str, key: bytes, value: bytes) -> None:
        """Change what plugins share."""

    def enqueue(self, vm_id: str, queue: str, data: bytes) -> bool:
        """Put something into a queue; return whether it is there."""

    def callback(self, called: Called) -> CallbackSeen:
        """Do one thing to the plugin, and return what it made of it."""

    def observation(self, stream: str | None = None) -> Observation:
        """Return all that was seen since the plugins started.

        ``client`` and ``paused_at`` are those of a stream, of the last that was begun where none
        is named.
        """

    def notes(self) -> tuple[str, ...]:
        """Return what a reader should know of how the steps were played here."""


class Stage(Protocol):
    """A place where the tests of one file run, one after the other."""

    def session(self, setup: Setup) -> AbstractContextManager[Session]:
        """Open the session of one test; its end is the end of the plugins' VMs."""


class Target(Protocol):
    """A machine that can run plugins.

    Attributes:
        can: the abilities it has.
        longest: nanoseconds that a test may let pass; None: any number.

    """

    name: str
    sees: frozenset[Aspect]
    can: frozenset[Ability]
    longest: int | None

    def has_property(self, path: tuple[str, ...]) -> bool:
        """Return whether plugins can be given a property at a path here."""

    def stage(self, setups: Sequence[Setup]) -> AbstractContextManager[Stage]:
        """Make everything ready for the tests whose setups are given."""
