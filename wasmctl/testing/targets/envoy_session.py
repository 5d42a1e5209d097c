"""The session of plugins behind a listener of a real Envoy."""

import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest

from wasmctl.envoy import logs, trace
from wasmctl.envoy.admin import StatKind
from wasmctl.envoy.peers import protocol
from wasmctl.outcomes import Outcome
from wasmctl.records import LogLine
from wasmctl.testing import durations
from wasmctl.testing.callbacks import CallbackSeen, Called
from wasmctl.testing.observation import Observation, Seen
from wasmctl.testing.targets import envoy_changes, envoy_clusters, envoy_plugins
from wasmctl.testing.targets.base import PATIENCE, Sending, Setup, Until
from wasmctl.testing.targets.envoy_clusters import ORIGIN, Callouts
from wasmctl.testing.targets.envoy_streams import Machine, Streams, as_seen
from wasmctl.testing.upstreams import Absence, Upstreams

_SECOND = 1_000_000_000
# Metrics of plugins carry this prefix in Envoy.
_METRIC = "wasmcustom."
_METRICS = r"^wasmcustom\."
_REST_SECONDS = 0.02
# A timer of Envoy fires a little late.
_LATE_SECONDS = 0.03


class EnvoySession:
    """The session of plugins behind the listener at ``port``."""

    def __init__(self, setup: Setup, machine: Machine, port: int, patience: float) -> None:
        self.upstreams = Upstreams(setup.upstreams)
        self._setup = setup
        self._envoy = machine.envoy
        self._peers = machine.peers
        self._patience = patience
        self._callouts = Callouts(machine.peers, self.upstreams)
        self._streams = Streams(setup, machine, port, patience, self._callouts)
        self._changes = envoy_changes.Changes(setup, machine.envoy)
        self._notes: list[str] = []
        self._refused: list[tuple[int, tuple[LogLine, ...]]] = []
        self._began = time.monotonic()
        self._counted = self._metrics(StatKind.COUNTER)
        for name, upstream in setup.upstreams.items():
            if upstream.absence is Absence.REFUSED:
                self._peers.refuse(envoy_clusters.peer(name))

    def send(self, *sendings: Sending) -> None:
        """Begin streams."""
        self._streams.begin(sendings)

    def wait(self, stream: str, until: Until, patience: int = PATIENCE) -> bool:
        """Wait until a stream has come so far; one that will not end is given up."""
        found = self._streams.find(stream)
        seconds = self._seconds(patience)
        match until:
            case Until.DONE:
                self._streams.finish([found], seconds)
                return found.answer.ended and not found.is_given_up
            case Until.PAUSED:
                return self._streams.pause(found, seconds)
            case Until.REQUEST_SENT:
                self._streams.send_all(found, seconds)
                return found.answer.is_sent
            case Until.RESPONSE_STARTED:
                self._streams.watch(found, protocol.Until.RESPONSE_STARTED, seconds)
                return found.answer.received is not None

    def wait_for_all(self, streams: Sequence[str], patience: int = PATIENCE) -> None:
        """Wait until streams are done; those that will not end are given up."""
        self._streams.finish(list(map(self._streams.find, streams)), self._seconds(patience))

    def _seconds(self, patience: int) -> float:
        return self._patience if patience == PATIENCE else patience / _SECOND

    def answer_callout(self, cluster: str, number: int, outcome: Outcome) -> bool:
        """Answer a callout that is held."""
        self._callouts.serve()
        if not self._callouts.answer(cluster, number, outcome):
            return False
        self._streams.calm()
        return True

    def answer_stream(self, stream: str, outcome: Outcome) -> bool:
        """Answer a request that the upstream holds: the stream's, as far as its path tells."""
        return self._streams.answer(stream, outcome)

    def advance(self, nanoseconds: int) -> None:
        """Wait for so long."""
        self._notes.append(f"waited {durations.shown(nanoseconds)} of real time")
        deadline = time.monotonic() + nanoseconds / _SECOND + _LATE_SECONDS
        while (left := deadline - time.monotonic()) > 0:
            self._streams.rest(min(left, _REST_SECONDS))
        self._streams.calm()

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
            place = len(envoy_plugins.messages(self._setup, self._streams.served()))
            self._refused.append((place, said))
        return refusal

    def restart_vm(self) -> None:
        """Give the plugins fresh VMs: of modules that differ in bytes that mean nothing."""
        self._changes.restart_vm()

    def cancel(self, stream: str) -> None:
        """Let the client reset a stream."""
        self._streams.give_up(self._streams.find(stream))
        self._streams.settle()

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
        served = self._streams.served()
        flow = trace.flow(served)
        begun = self._streams.begun
        chosen = self._streams.find(stream) if begun else None
        clients = self._clients(served)
        return Observation(
            configured=True,
            plugins=tuple(one.name for one in self._setup.plugins),
            upstream=tuple(as_seen(request) for request in self._peers.seen(ORIGIN)),
            client=clients[begun.index(chosen)] if chosen else None,
            clients=clients,
            sent=tuple((one.sending.request, one.sending.origin.message) for one in begun),
            callouts=envoy_clusters.without_twins(self._callouts.seen(), flow.callouts),
            logs=self._logs(served),
            metrics=self._metrics(StatKind.GAUGE) | self._added(),
            trap=logs.trap(served),
            paused_at=self._streams.paused_at(chosen, flow) if chosen else None,
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
        begun = self._streams.begun
        told = zip_longest(begun, details[: len(begun)])
        return tuple(
            replace(one.seen, details=reason) if one.seen else None for one, reason in told
        )

    def _added(self) -> dict[str, int]:
        now = self._metrics(StatKind.COUNTER)
        return {name: value - self._counted.get(name, 0) for name, value in now.items()}

    def _metrics(self, kind: StatKind) -> dict[str, int]:
        found = self._envoy.admin.statistics(_METRICS, kind)
        return {name.removeprefix(_METRIC): value for name, value in found.items()}
