"""The session of plugins behind a listener of a real Envoy.

Envoy does not tell when nothing more will happen. What has an end is waited for: a stream, by its
answer and by Envoy's own count of streams; callouts, by Envoy's count of them; the log, by a line
of our own behind it. What has none, a stream that is stopped, is told by the trace and by silence.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest

from wasmctl.envoy import logs, trace, waiting
from wasmctl.envoy.admin import StatKind
from wasmctl.envoy.launch import Envoy
from wasmctl.envoy.peers import protocol, scripts
from wasmctl.envoy.peers.parts import Codec, Rule
from wasmctl.envoy.peers.process import Peers
from wasmctl.envoy.peers.received import Answer, Ending, Received
from wasmctl.envoy.trace import Flow
from wasmctl.errors import DeadlineError
from wasmctl.outcomes import Failure, Outcome
from wasmctl.records import LogLine
from wasmctl.testing import durations
from wasmctl.testing.callbacks import CallbackSeen, Called
from wasmctl.testing.observation import Observation, Seen
from wasmctl.testing.targets import envoy_changes, envoy_clusters, envoy_plugins, framing
from wasmctl.testing.targets.base import PATIENCE, Sending, Setup, Until
from wasmctl.testing.targets.envoy_clusters import ORIGIN, Callouts, script
from wasmctl.testing.upstreams import Absence, Upstreams

_SECOND = 1_000_000_000
# Metrics of plugins carry this prefix in Envoy.
_METRIC = "wasmcustom."
_METRICS = r"^wasmcustom\."
# After this time without an answer, a stream that a plugin has stopped is taken for stopped.
_QUIET_SECONDS = 0.5
# After this time without anything, what waits for a step will wait on.
_CALM_SECONDS = 0.15
_REST_SECONDS = 0.02
# A timer of Envoy fires a little late.
_LATE_SECONDS = 0.03
_NEVER = 1 << 30


@dataclass(frozen=True, kw_only=True)
class Machine:
    """An Envoy, and the peers on both sides of it."""

    envoy: Envoy
    peers: Peers


@dataclass(kw_only=True)
class _Stream:
    """A request that was begun, and what its client has got."""

    sending: Sending
    answer: Answer = field(default_factory=lambda: Answer(received=None, ending=Ending.OPEN))
    paused_at: str | None = None
    is_given_up: bool = False

    @property
    def name(self) -> str:
        return self.sending.stream

    @property
    def is_open(self) -> bool:
        return not (self.answer.ended or self.is_given_up)

    @property
    def seen(self) -> Seen | None:
        return _seen(self.answer.received) if self.answer.received else None


class EnvoySession:
    """The session of plugins behind the listener at ``port``."""

    def __init__(self, setup: Setup, machine: Machine, port: int, patience: float) -> None:
        self.upstreams = Upstreams(setup.upstreams)
        self._setup = setup
        self._envoy = machine.envoy
        self._peers = machine.peers
        self._port = port
        self._patience = patience
        self._streams: list[_Stream] = []
        self._callouts = Callouts(machine.peers, self.upstreams)
        self._changes = envoy_changes.Changes(setup, machine.envoy)
        self._origin: Failure | None = None
        self._notes: list[str] = []
        self._refused: list[tuple[int, tuple[LogLine, ...]]] = []
        self._began = time.monotonic()
        self._counted = self._metrics(StatKind.COUNTER)
        self._called = self._callout_counts()
        for name, upstream in setup.upstreams.items():
            if upstream.absence is Absence.REFUSED:
                self._peers.refuse(envoy_clusters.peer(name))

    def send(self, sending: Sending) -> None:
        """Begin a stream."""
        self._streams.append(_Stream(sending=sending))
        self._ready_origin(sending.origin)
        self._peers.begin(
            self._port,
            scripts.cut(sending.request, gap=sending.gap / _SECOND),
            codec=Codec.HTTP2 if sending.version == "2" else Codec.HTTP1,
            stream=sending.stream,
            connection=f"{sending.source} {sending.version}",
            source=sending.source,
        )

    def wait(self, stream: str, until: Until, patience: int = PATIENCE) -> bool:
        """Wait until a stream has come so far; one that will not end is given up."""
        found = self._find(stream)
        seconds = min(patience / _SECOND, self._patience)
        match until:
            case Until.DONE:
                self._finish(found, seconds)
                return found.answer.ended and not found.is_given_up
            case Until.PAUSED:
                return self._pause(found, seconds)
            case Until.REQUEST_SENT:
                self._watch(found, protocol.Until.REQUEST_SENT, seconds)
                self._watch(found, protocol.Until.DONE, seconds, quiet=_CALM_SECONDS)
                return found.answer.is_sent
            case Until.RESPONSE_STARTED:
                self._watch(found, protocol.Until.RESPONSE_STARTED, seconds)
                return found.answer.received is not None

    def answer_callout(self, cluster: str, number: int, outcome: Outcome) -> bool:
        """Answer a callout that is held."""
        self._callouts.serve()
        if not self._callouts.answer(cluster, number, outcome):
            return False
        self._calm()
        return True

    def answer_stream(self, stream: str, outcome: Outcome) -> bool:
        """Answer a request that the upstream holds: the stream's, as far as its path tells."""
        path = self._find(stream).sending.request.values(b":path")
        held = [(number, one) for number, one in enumerate(self._peers.seen(ORIGIN)) if one.held]
        own = [number for number, one in held if one.message.values(b":path") == path]
        numbers = own or [number for number, _ in held]
        if not numbers:
            return False
        self._peers.release(ORIGIN, script(outcome), request=numbers[0])
        self._calm()
        return True

    def advance(self, nanoseconds: int) -> None:
        """Wait for so long."""
        self._notes.append(f"waited {durations.shown(nanoseconds)} of real time")
        deadline = time.monotonic() + nanoseconds / _SECOND + _LATE_SECONDS
        while (left := deadline - time.monotonic()) > 0:
            self._rest(min(left, _REST_SECONDS))
        self._calm()

    def reconfigure(self, plugin: str | None, configuration: bytes) -> str | None:
        """Give a plugin another configuration, by extension discovery.

        One that it refuses it meets in the main thread alone; what it says of it is noted.
        """
        before = self._envoy.entries()
        refusal = self._changes.reconfigure(plugin, configuration)
        if refusal is not None:
            main = self._envoy.main_thread
            after = self._envoy.entries()[len(before) :]
            said = envoy_plugins.messages(self._setup, [one for one in after if one.thread == main])
            place = len(envoy_plugins.messages(self._setup, self._served()))
            self._refused.append((place, said))
        return refusal

    def restart_vm(self) -> None:
        """Give the plugins fresh VMs: of modules that differ in bytes that mean nothing."""
        self._changes.restart_vm()

    def cancel(self, stream: str) -> None:
        """Let the client reset a stream."""
        self._give_up(self._find(stream))
        self._settle()

    def set_shared_data(self, vm_id: str, key: bytes, value: bytes) -> None:
        """Change nothing: it cannot be done from outside, and tests that need it are skipped."""

    def enqueue(self, vm_id: str, queue: str, data: bytes) -> bool:  # noqa: ARG002
        """Change nothing: it cannot be done from outside, and tests that need it are skipped."""
        return False

    def callback(self, called: Called) -> CallbackSeen:  # noqa: ARG002
        """Call nothing: it cannot be done, and tests that need it are skipped."""
        return CallbackSeen()

    def notes(self) -> tuple[str, ...]:
        """Return how long it was waited in place of a clock that is moved."""
        return tuple(self._notes)

    def observation(self, stream: str | None = None) -> Observation:
        """Return all that was seen, the last lines of the log included."""
        self._callouts.serve()
        served = self._served()
        flow = trace.flow(served)
        chosen = self._find(stream) if self._streams else None
        clients = self._clients(served)
        return Observation(
            configured=True,
            plugins=tuple(one.name for one in self._setup.plugins),
            upstream=tuple(_seen(request) for request in self._peers.seen(ORIGIN)),
            client=clients[self._streams.index(chosen)] if chosen else None,
            clients=clients,
            sent=tuple((one.sending.request, one.sending.origin.message) for one in self._streams),
            callouts=envoy_clusters.without_twins(self._callouts.seen(), flow.callouts),
            logs=self._logs(served),
            metrics=self._metrics(StatKind.GAUGE) | self._added(),
            trap=logs.trap(served),
            paused_at=self._paused_at(chosen, flow) if chosen else None,
            tick_period=flow.tick_period,
            hostcalls=flow.hostcalls,
            elapsed=(time.monotonic() - self._began) * 1000,
            calls=trace.calls(served),
            size=sum(len(one.plugin.content) for one in self._setup.plugins),
        )

    def _logs(self, served: Sequence[logs.Entry]) -> tuple[LogLine, ...]:
        """Return the plugins' messages, those of refused configurations in their places."""
        lines = list(envoy_plugins.messages(self._setup, served))
        for place, said in reversed(self._refused):
            lines[place:place] = said
        return tuple(lines)

    def _clients(self, served: Sequence[logs.Entry]) -> tuple[Seen | None, ...]:
        """Return what each client got, and why, as far as Envoy's log tells."""
        details = logs.response_details(served)
        told = zip_longest(self._streams, details[: len(self._streams)])
        return tuple(
            replace(one.seen, details=reason) if one.seen else None for one, reason in told
        )

    def _find(self, stream: str | None) -> _Stream:
        named = [one for one in self._streams if stream is None or one.name == stream]
        return named[-1]

    def _ready_origin(self, outcome: Outcome) -> None:
        """Let the upstream do what the streams that are open want of it, each told by its path."""
        self._absent_origin(outcome.failure)
        last = self._streams[-1]
        others = [one for one in self._streams[:-1] if one.is_open]
        rules = [Rule(script=script(last.sending.origin))]
        for other in others:
            path = (b":path", other.sending.request.values(b":path")[0])
            rules.insert(0, Rule(script=script(other.sending.origin), when=(path,), times=1))
        if others:
            own = (b":path", last.sending.request.values(b":path")[0])
            rules.insert(0, Rule(script=script(last.sending.origin), when=(own,), times=1))
        self._peers.follow(ORIGIN, rules)

    def _absent_origin(self, failure: Failure | None) -> None:
        wanted = failure if failure in {Failure.REFUSED, Failure.NO_HEALTHY} else None
        if wanted is not self._origin:
            self._peers.refuse(ORIGIN, refusing=wanted is Failure.REFUSED)
            offered = envoy_clusters.offered(self._setup, self._peers.ports, origin=wanted)
            self._envoy.clusters.offer(offered)
            self._origin = wanted

    def _finish(self, stream: _Stream, seconds: float) -> None:
        """Wait for the end of the answer, but not long for one that will not come."""
        quiet = min(_QUIET_SECONDS, seconds)
        self._watch(stream, protocol.Until.DONE, quiet)
        if stream.is_open and not self._is_stopped_for_good(stream):
            self._watch(stream, protocol.Until.DONE, seconds - quiet)
        if stream.is_open or not stream.answer.is_sent:
            self._give_up(stream)
        self._settle()

    def _is_stopped_for_good(self, stream: _Stream) -> bool:
        flow = trace.flow(self._served())
        return self._paused_at(stream, flow) is not None and not flow.is_promised

    def _pause(self, stream: _Stream, seconds: float) -> bool:
        """Wait until a plugin has stopped a stream and nothing happens any more."""
        deadline = time.monotonic() + seconds
        while stream.is_open and time.monotonic() < deadline:
            self._watch(stream, protocol.Until.DONE, seconds, quiet=_CALM_SECONDS)
            if self._paused_at(stream, trace.flow(self._served())):
                return True
        return False

    def _watch(
        self,
        stream: _Stream,
        until: protocol.Until,
        seconds: float,
        *,
        quiet: float | None = None,
    ) -> None:
        """Wait for a stream, and serve callouts meanwhile."""
        deadline = time.monotonic() + seconds
        while stream.is_open:
            left = max(0.0, deadline - time.monotonic())
            began = time.monotonic()
            stream.answer = self._peers.wait(
                stream=stream.name, until=until, seconds=left, quiet=quiet, held=True
            )
            if self._callouts.serve():
                continue
            if _has_come_to(stream.answer, until) or time.monotonic() >= deadline:
                return
            if quiet is not None and time.monotonic() - began >= quiet:
                return

    def _give_up(self, stream: _Stream) -> None:
        if stream.is_open:
            stream.answer = self._peers.wait(stream=stream.name, seconds=0)
            stream.paused_at = self._paused_at(stream, trace.flow(self._served()))
        stream.is_given_up = not stream.answer.ended
        self._peers.give_up(stream=stream.name)

    def _calm(self) -> None:
        """Let everything go on that can."""
        for stream in self._streams:
            self._watch(stream, protocol.Until.DONE, self._patience, quiet=_CALM_SECONDS)
        self._settle()

    def _rest(self, seconds: float) -> None:
        self._peers.seen(ORIGIN, begun=_NEVER, seconds=seconds)
        self._callouts.serve()

    def _settle(self) -> None:
        """Wait for the end of the streams that have one: a plugin has calls to come after it.

        Then for callouts that were begun and have not arrived.
        """
        active = f"http.{self._setup.key}.downstream_rq_active"
        still = sum(one.is_open for one in self._streams)
        try:
            waiting.until(
                lambda: (
                    sum(self._envoy.admin.statistics(f"^{active}$", StatKind.GAUGE).values())
                    <= still
                ),
                seconds=self._patience,
                otherwise="the stream did not end",
            )
        except DeadlineError as error:
            raise self._envoy.stuck() from error
        self._catch_up()

    def _catch_up(self) -> None:
        deadline = time.monotonic() + self._patience
        while self._is_behind() and time.monotonic() < deadline:
            self._rest(_REST_SECONDS / 10)

    def _is_behind(self) -> bool:
        now = self._callout_counts()
        return any(
            now.get(cluster, 0) - self._called.get(cluster, 0) > self._callouts.count(cluster)
            for cluster in now
        )

    def _callout_counts(self) -> dict[str, int]:
        """Return how many callouts Envoy has sent, by cluster, those of earlier tests included."""
        if not self._setup.upstreams:
            return {}
        found = self._envoy.admin.statistics(
            r"^cluster\.callouts-\d+\.upstream_rq_total$", StatKind.COUNTER
        )
        numbered = enumerate(self._setup.upstreams.items())
        return {
            name: found.get(f"cluster.{envoy_clusters.statistics(number)}.upstream_rq_total", 0)
            for number, (name, upstream) in numbered
            if upstream.absence is None
        }

    def _served(self) -> tuple[logs.Entry, ...]:
        """Return what was written for the VMs that serve requests: not the main thread's."""
        main = self._envoy.main_thread
        return tuple(entry for entry in self._envoy.entries() if entry.thread != main)

    def _paused_at(self, stream: _Stream, flow: Flow) -> str | None:
        """Return where a stream is stopped, or was when its client gave it up."""
        if stream.is_given_up or not stream.is_open:
            return stream.paused_at
        if len(self._setup.plugins) > 1 or len(flow.order) != len(self._streams):
            return list(flow.stopped.values())[-1] if flow.stopped else None
        return flow.stopped.get(flow.order[self._streams.index(stream)])

    def _added(self) -> dict[str, int]:
        now = self._metrics(StatKind.COUNTER)
        return {name: value - self._counted.get(name, 0) for name, value in now.items()}

    def _metrics(self, kind: StatKind) -> dict[str, int]:
        found = self._envoy.admin.statistics(_METRICS, kind)
        return {name.removeprefix(_METRIC): value for name, value in found.items()}


def _has_come_to(answer: Answer, until: protocol.Until) -> bool:
    match until:
        case protocol.Until.DONE:
            return answer.ended
        case protocol.Until.REQUEST_SENT:
            return answer.ended or answer.is_sent
        case protocol.Until.RESPONSE_STARTED:
            return answer.ended or answer.received is not None


def _seen(received: Received) -> Seen:
    return Seen(message=framing.seen(received.message, "2"), complete=received.complete)
