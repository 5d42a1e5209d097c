"""The streams of one test behind a real Envoy, and how it is known that nothing more will happen.

What has an end is waited for: a stream, by its answer and by Envoy's own count of streams;
callouts, by Envoy's count of them; the log, by a line of our own behind it. What has none, a stream
that is stopped, is told by the trace and by silence.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from wasmctl.envoy import logs, trace, waiting
from wasmctl.envoy.admin import StatKind
from wasmctl.envoy.launch import Envoy
from wasmctl.envoy.peers import protocol, scripts
from wasmctl.envoy.peers.parts import Codec, Rule
from wasmctl.envoy.peers.process import Peers
from wasmctl.envoy.peers.protocol import Begin
from wasmctl.envoy.peers.received import Answer, Ending, Received
from wasmctl.envoy.trace import Flow
from wasmctl.errors import DeadlineError
from wasmctl.outcomes import Failure, Outcome
from wasmctl.testing.observation import Seen
from wasmctl.testing.targets import envoy_clusters, framing
from wasmctl.testing.targets.base import Sending, Setup
from wasmctl.testing.targets.connections import Connections
from wasmctl.testing.targets.envoy_clusters import ORIGIN, Callouts, script

_SECOND = 1_000_000_000
# After this time without an answer, a stream that a plugin has stopped is taken for stopped.
_QUIET_SECONDS = 0.5
# After this time without anything, what waits for a step will wait on.
_CALM_SECONDS = 0.15
_REST_SECONDS = 0.02
_NEVER = 1 << 30
_NAME = attrgetter("name")


@dataclass(frozen=True, kw_only=True)
class Machine:
    """An Envoy, and the peers on both sides of it."""

    envoy: Envoy
    peers: Peers


@dataclass(kw_only=True)
class Stream:
    """A request that was begun, and what its client has got.

    Attributes:
        paused_at: where it was stopped when its client gave it up.

    """

    sending: Sending
    answer: Answer = field(default_factory=lambda: Answer(received=None, ending=Ending.OPEN))
    paused_at: str | None = None
    is_given_up: bool = False

    @property
    def name(self) -> str:
        """Its name."""
        return self.sending.stream

    @property
    def is_open(self) -> bool:
        """Whether its client still waits."""
        return not (self.answer.ended or self.is_given_up)

    @property
    def seen(self) -> Seen | None:
        """What its client has got."""
        return as_seen(self.answer.received) if self.answer.received else None


class Streams:
    """The streams of one test.

    Attributes:
        begun: in the order in which they began.
        callouts: those that Envoy makes meanwhile.

    """

    def __init__(
        self, setup: Setup, machine: Machine, port: int, patience: float, callouts: Callouts
    ) -> None:
        self.begun: list[Stream] = []
        self.callouts = callouts
        self._setup = setup
        self._envoy = machine.envoy
        self._peers = machine.peers
        self._port = port
        self._patience = patience
        self._connections = Connections()
        self._origin: Failure | None = None
        self._called = self._callout_counts()

    def begin(self, sendings: Sequence[Sending]) -> None:
        """Let the client begin streams, before it looks at what becomes of them."""
        self.begun.extend(Stream(sending=sending) for sending in sendings)
        self._ready_origin()
        self._peers.begin_all(list(map(self._begin, sendings)))

    def _begin(self, sending: Sending) -> Begin:
        return Begin(
            stream=sending.stream,
            port=self._port,
            codec=Codec.HTTP2 if sending.version == "2" else Codec.HTTP1,
            connection=self._connections.name(sending),
            script=scripts.cut(sending.request, gap=sending.gap / _SECOND),
            source=sending.source,
        )

    def answer(self, stream: str, outcome: Outcome) -> bool:
        """Answer a request that the upstream holds: the stream's, as far as its path tells."""
        path = self.find(stream).sending.request.values(b":path")
        held = [(number, one) for number, one in enumerate(self._peers.seen(ORIGIN)) if one.held]
        own = [number for number, one in held if one.message.values(b":path") == path]
        numbers = own or [number for number, _ in held]
        if not numbers:
            return False
        self._peers.release(ORIGIN, script(outcome), request=numbers[0])
        self.calm()
        return True

    def send_all(self, stream: Stream, seconds: float) -> None:
        """Wait until the client has sent all, and nothing happens any more."""
        self.watch(stream, protocol.Until.REQUEST_SENT, seconds)
        self.watch(stream, protocol.Until.DONE, seconds, quiet=_CALM_SECONDS)

    def find(self, stream: str | None) -> Stream:
        """Return the last stream of a name, or of all."""
        named = [one for one in self.begun if stream is None or one.name == stream]
        return named[-1]

    def _ready_origin(self) -> None:
        """Let the upstream do what the streams that are open want of it, each told by its path."""
        wanted = [one.sending for one in self.begun if one.is_open]
        self._absent_origin(wanted[-1].origin.failure)
        rules = [Rule(script=script(wanted[-1].origin))]
        for sending in wanted if len(wanted) > 1 else ():
            path = (b":path", sending.request.values(b":path")[0])
            rules.insert(0, Rule(script=script(sending.origin), when=(path,), times=1))
        self._peers.follow(ORIGIN, rules)

    def _absent_origin(self, failure: Failure | None) -> None:
        wanted = failure if failure in {Failure.REFUSED, Failure.NO_HEALTHY} else None
        if wanted is not self._origin:
            self._peers.refuse(ORIGIN, refusing=wanted is Failure.REFUSED)
            offered = envoy_clusters.offered(self._setup, self._peers.ports, origin=wanted)
            self._envoy.clusters.offer(offered)
            self._origin = wanted

    def finish(self, streams: Sequence[Stream], seconds: float) -> None:
        """Wait for the ends of the answers, but not long for one that will not come."""
        first, *others = streams
        self._finish(first, seconds)
        # What came meanwhile is asked for together: the next step may have to come soon.
        for stream, answer in zip(others, self._peers.answers(map(_NAME, others)), strict=True):
            stream.answer = answer
        for stream in others:
            self._finish(stream, seconds)
        self.settle()

    def _finish(self, stream: Stream, seconds: float) -> None:
        quiet = min(_QUIET_SECONDS, seconds)
        self.watch(stream, protocol.Until.DONE, quiet)
        if stream.is_open and not self._is_stopped_for_good(stream):
            self.watch(stream, protocol.Until.DONE, seconds - quiet)
        if stream.is_open or not stream.answer.is_sent:
            self.give_up(stream)

    def _is_stopped_for_good(self, stream: Stream) -> bool:
        flow = trace.flow(self.served())
        return self.paused_at(stream, flow) is not None and not flow.is_promised

    def pause(self, stream: Stream, seconds: float) -> bool:
        """Wait until a plugin has stopped a stream and nothing happens any more."""
        deadline = time.monotonic() + seconds
        while stream.is_open and time.monotonic() < deadline:
            self.watch(stream, protocol.Until.DONE, seconds, quiet=_CALM_SECONDS)
            if self.paused_at(stream, trace.flow(self.served())):
                return True
        return False

    def watch(
        self,
        stream: Stream,
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
            if self.callouts.serve():
                continue
            if _has_come_to(stream.answer, until) or time.monotonic() >= deadline:
                return
            if quiet is not None and time.monotonic() - began >= quiet:
                return

    def give_up(self, stream: Stream) -> None:
        """Let its client reset it."""
        if stream.is_open:
            stream.answer = self._peers.wait(stream=stream.name, seconds=0)
            stream.paused_at = self.paused_at(stream, trace.flow(self.served()))
        stream.is_given_up = not stream.answer.ended
        self._peers.give_up(stream=stream.name)

    def calm(self) -> None:
        """Let everything go on that can."""
        for stream in self.begun:
            self.watch(stream, protocol.Until.DONE, self._patience, quiet=_CALM_SECONDS)
        self.settle()

    def rest(self, seconds: float) -> None:
        """Let so much time pass, and serve callouts."""
        self._peers.seen(ORIGIN, begun=_NEVER, seconds=seconds)
        self.callouts.serve()

    def settle(self) -> None:
        """Wait for the end of the streams that have one: a plugin has calls to come after it.

        Then for callouts that were begun and have not arrived.
        """
        active = f"http.{self._setup.key}.downstream_rq_active"
        still = sum(one.is_open for one in self.begun)
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
            self.rest(_REST_SECONDS / 10)

    def _is_behind(self) -> bool:
        now = self._callout_counts()
        return any(
            now.get(cluster, 0) - self._called.get(cluster, 0) > self.callouts.count(cluster)
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

    def served(self) -> tuple[logs.Entry, ...]:
        """Return what was written for the VMs that serve requests: not the main thread's."""
        main = self._envoy.main_thread
        return tuple(entry for entry in self._envoy.entries() if entry.thread != main)

    def paused_at(self, stream: Stream, flow: Flow) -> str | None:
        """Return where a stream is stopped, or was when its client gave it up."""
        if stream.is_given_up or not stream.is_open:
            return stream.paused_at
        if len(self._setup.plugins) > 1 or len(flow.order) != len(self.begun):
            return list(flow.stopped.values())[-1] if flow.stopped else None
        return flow.stopped.get(flow.order[self.begun.index(stream)])


def _has_come_to(answer: Answer, until: protocol.Until) -> bool:
    match until:
        case protocol.Until.DONE:
            return answer.ended
        case protocol.Until.REQUEST_SENT:
            return answer.ended or answer.is_sent
        case protocol.Until.RESPONSE_STARTED:
            return answer.ended or answer.received is not None


def as_seen(received: Received) -> Seen:
    """Return a message as both targets show it."""
    return Seen(message=framing.seen(received.message, "2"), complete=received.complete)
