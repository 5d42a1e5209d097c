"""The session of plugins that started on the embedded host."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from wasmctl.host import Exchange, Hazard, Host, LoadError
from wasmctl.host.callout import Callout as HostCallout
from wasmctl.host.callout import CalloutState
from wasmctl.host.stream import HttpStream
from wasmctl.host.trace import TraceKind
from wasmctl.messages import Message
from wasmctl.outcomes import Outcome
from wasmctl.records import LogLine
from wasmctl.testing.callbacks import CallbackSeen, Called
from wasmctl.testing.observation import Callout, Observation, Seen, SeenHazard
from wasmctl.testing.targets import framing
from wasmctl.testing.targets.base import PATIENCE, Sending, Setup, Until
from wasmctl.testing.targets.callbacks import HostCallbacks
from wasmctl.testing.targets.harness_connections import HostConnections
from wasmctl.testing.targets.harness_upstreams import HostUpstreams

_PAGE = 65536
_MILLISECOND = 1_000_000


@dataclass(kw_only=True)
class _Stream:
    """A request that was begun.

    Attributes:
        is_held: whether its upstream waits to be told what to do.
        sending: None where it is sent part by part.

    """

    name: str
    stream: HttpStream
    is_held: bool
    sending: Sending | None = None

    @property
    def exchange(self) -> Exchange:
        return self.stream.exchange()


class HostSession:
    """The session of plugins on a host."""

    def __init__(self, host: Host, setup: Setup, upstreams: HostUpstreams) -> None:
        self.upstreams = upstreams.rules
        self._host = host
        self._setup = setup
        self._vm_id = setup.plugins[0].vm_id
        self._held = upstreams.held
        self._streams: list[_Stream] = []
        self._arrived: list[_Stream] = []
        self._refused: list[tuple[int, tuple[LogLine, ...]]] = []
        self._counted = host.counters
        self._began = host.clock.nanoseconds
        self._pages = host.memory // _PAGE
        self._connections = HostConnections()
        self._callbacks = HostCallbacks(host, lambda: host.tick_period)

    def send(self, *sendings: Sending) -> None:
        """Begin streams, and let them go as far as they can while no time passes."""
        for sending in sendings:
            self._send(sending)
        self._note_arrivals()

    def _send(self, sending: Sending) -> None:
        request = framing.request(sending)
        origin = framing.origin(sending.origin, self._setup.surroundings.version)
        source = self._connections.source(sending)
        if sending.gap and len(request.chunks) > 1:
            ends = not (request.chunks or request.trailers)
            stream = self._host.open(request.headers, ends=ends, origin=origin, source=source)
        else:
            stream = self._host.send(request, origin, source=source)
        self._connections.note(source, stream)
        begun = _Stream(
            name=sending.stream, stream=stream, is_held=sending.origin.held, sending=sending
        )
        self._streams.append(begun)
        if sending.gap and len(request.chunks) > 1:
            self._send_slowly(stream, sending)

    def _send_slowly(self, stream: HttpStream, sending: Sending) -> None:
        request = framing.request(sending)
        last = len(request.chunks) - 1
        for number, chunk in enumerate(request.chunks):
            if number:
                self._host.advance(sending.gap)
            if not stream.is_over:
                stream.send_body(chunk, ends=number == last and not request.trailers)
        if request.trailers and not stream.is_over:
            stream.send_trailers(request.trailers)

    def wait(self, stream: str, until: Until, patience: int = PATIENCE) -> bool:
        """Let time pass until a stream has come so far; one that will not end is given up."""
        found = self._find(stream).stream
        match until:
            case Until.DONE:
                is_done = self._wait(lambda: found.is_over, patience)
                found.cancel()
                return is_done
            case Until.PAUSED:
                return not found.is_over and found.paused_at is not None
            case Until.REQUEST_SENT:
                return True
            case Until.RESPONSE_STARTED:
                return self._wait(lambda: found.exchange().client is not None, patience)

    def wait_for_all(self, streams: Sequence[str], patience: int = PATIENCE) -> None:
        """Let time pass until streams are done."""
        for stream in streams:
            self.wait(stream, Until.DONE, patience)

    def _wait(self, done: Callable[[], bool], patience: int) -> bool:
        is_done = self._host.wait(done, patience)
        self._note_arrivals()
        return is_done

    def answer_callout(self, cluster: str, number: int, outcome: Outcome) -> bool:
        """Answer a callout that is held."""
        waiting = [
            callout
            for callout in self._host.callouts
            if callout.to == cluster
            and callout.number in self._held
            and callout.state is CalloutState.PENDING
        ]
        if number >= len(waiting):
            return False
        self._held.remove(waiting[number].number)
        self._host.answer(waiting[number], outcome)
        self._note_arrivals()
        return True

    def answer_stream(self, stream: str, outcome: Outcome) -> bool:
        """Answer a request that the upstream holds."""
        found = self._find(stream)
        if not (found.is_held and found.exchange.upstream_complete) or found.stream.is_over:
            return False
        found.is_held = False
        found.stream.answer(framing.origin(outcome, self._setup.surroundings.version))
        self._note_arrivals()
        return True

    def advance(self, nanoseconds: int) -> None:
        """Move the clock."""
        self._host.advance(nanoseconds)
        self._note_arrivals()

    def reconfigure(self, plugin: str | None, configuration: bytes) -> str | None:
        """Give a plugin another configuration; return why it refuses it, if it does."""
        names = [one.name or self._setup.key for one in self._setup.plugins]
        try:
            self._host.reconfigure(plugin or names[0], configuration)
        except LoadError as error:
            self._refused.append((len(self._host.logs), error.logs))
            return error.message
        return None

    def restart_vm(self) -> None:
        """Give the plugins fresh VMs."""
        self._host.restart_vm()

    def cancel(self, stream: str) -> None:
        """Let the client reset a stream."""
        self._find(stream).stream.cancel()

    def set_shared_data(self, vm_id: str, key: bytes, value: bytes) -> None:
        """Change what plugins share."""
        self._host.shared_data(vm_id or self._vm_id)[key] = value

    def enqueue(self, vm_id: str, queue: str, data: bytes) -> bool:
        """Put something into a queue that a plugin has registered."""
        owner, name = vm_id or self._vm_id, queue.encode()
        if (owner, name) not in self._host.queues.all:
            return False
        self._host.queues.put(owner, name, data)
        self.advance(0)
        return True

    def callback(self, called: Called) -> CallbackSeen:
        """Do one thing to the plugin."""
        seen = self._callbacks.play(called)
        known = [one.stream for one in self._streams]
        for name, stream in self._callbacks.streams.items():
            if stream not in known:
                self._streams.append(_Stream(name=name, stream=stream, is_held=True))
        self._note_arrivals()
        return seen

    def notes(self) -> tuple[str, ...]:
        """Return nothing: the clock is moved, and no time is waited for."""
        return ()

    def observation(self, stream: str | None = None) -> Observation:
        """Return all that was seen."""
        host = self._host
        chosen = self._find(stream) if self._streams else None
        pages = host.memory // _PAGE
        return Observation(
            configured=True,
            plugins=tuple(one.name for one in self._setup.plugins),
            upstream=tuple(map(self._upstream, self._arrived)),
            client=_client(chosen) if chosen else None,
            clients=tuple(map(_client, self._streams)),
            sent=tuple(_sent(one.sending) for one in self._streams),
            callouts=tuple(map(_callout, host.callouts)),
            logs=self._logs(),
            metrics={**host.metrics, **self._added()},
            trap=host.trap,
            paused_at=chosen.exchange.paused_at if chosen else None,
            tick_period=host.tick_period,
            shared_data=dict(host.shared_data(self._vm_id)),
            queues={name.decode(errors="replace"): v for (_, name), v in host.queues.all.items()},
            unimplemented=host.unimplemented,
            hazards=tuple(map(_hazard, host.hazards)),
            hostcalls=Counter(r.function for r in host.trace if r.kind is TraceKind.HOSTCALL),
            elapsed=(host.clock.nanoseconds - self._began) / _MILLISECOND,
            fuel=host.fuel,
            pages=pages,
            growth=pages - self._pages,
            size=sum(len(one.plugin.content) for one in self._setup.plugins),
            trace=host.trace,
        )

    def _logs(self) -> tuple[LogLine, ...]:
        """Return the plugins' messages, those of refused configurations in their places."""
        lines = list(self._host.logs)
        for place, said in reversed(self._refused):
            lines[place:place] = said
        return tuple(lines)

    def _find(self, stream: str | None) -> _Stream:
        named = [one for one in self._streams if stream is None or one.name == stream]
        return named[-1]

    def _note_arrivals(self) -> None:
        """Note which requests have reached the upstream, in the order in which they did."""
        for stream in self._streams:
            if stream not in self._arrived and stream.exchange.upstream is not None:
                self._arrived.append(stream)

    def _upstream(self, stream: _Stream) -> Seen:
        exchange = stream.exchange
        if exchange.upstream is None:
            raise ValueError(stream.name)
        message = framing.seen(exchange.upstream, self._setup.surroundings.version)
        return Seen(message=message, complete=exchange.upstream_complete)

    def _added(self) -> dict[str, int]:
        """Count from the end of the start, as one has to in an Envoy, where it happens thrice."""
        now = self._host.counters
        return {name: value - self._counted.get(name, 0) for name, value in now.items()}


def _sent(sending: Sending | None) -> tuple[Message | None, Message | None]:
    return (sending.request, sending.origin.message) if sending else (None, None)


def _hazard(hazard: Hazard) -> SeenHazard:
    return SeenHazard(name=hazard.kind.name.lower(), words=str(hazard))


def _callout(callout: HostCallout) -> Callout:
    return Callout(
        kind="http",
        to=callout.to,
        message=callout.message,
        timeout=callout.timeout or None,
        state=callout.state,
        plugin=callout.plugin,
    )


def _client(stream: _Stream) -> Seen | None:
    exchange = stream.exchange
    if exchange.client is None:
        return None
    return Seen(
        message=exchange.client, complete=exchange.client_complete, details=exchange.details
    )
