"""The upstreams of one test behind a real Envoy, and what becomes of the requests they hold.

The peers hold every callout, so that the rules of a scenario are applied here, as on the embedded
host; what a rule says is then told to the peer as a script.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from wasmctl.envoy.bootstrap import Cluster
from wasmctl.envoy.peers import scripts
from wasmctl.envoy.peers.parts import Await, Hold, Script
from wasmctl.envoy.peers.process import Peers
from wasmctl.envoy.peers.received import Ending, Received
from wasmctl.messages import Pair
from wasmctl.outcomes import Failure, Outcome
from wasmctl.testing.observation import Callout
from wasmctl.testing.targets import envoy_properties
from wasmctl.testing.targets.base import Setup
from wasmctl.testing.upstreams import Absence, Upstreams

ORIGIN = "upstream"
_SECOND = 1_000_000_000
# Between an answer that breaks off and its reset: without it the reset may overtake the answer.
_RESET_SECONDS = 0.05
_TIMEOUT = b"x-envoy-expected-rq-timeout-ms"


def peer(cluster: str) -> str:
    """Return the name under which the peers know a cluster of callouts."""
    return f"callouts {cluster}"


def statistics(number: int) -> str:
    """Return the name under which Envoy counts for the cluster of a number."""
    return f"callouts-{number}"


def offered(
    setup: Setup, ports: Mapping[str, int], *, origin: Failure | None = None
) -> list[Cluster]:
    """Return the clusters that Envoy has to have for a test."""
    reached = ports[ORIGIN] if origin is not Failure.NO_HEALTHY else None
    http1 = setup.surroundings.version != "2"
    metadata = envoy_properties.of_cluster(setup.properties)
    first = Cluster(name=ORIGIN, port=reached, speaks_http1=http1, metadata=metadata)
    others = [
        Cluster(
            name=name,
            port=None if upstream.absence is Absence.NO_HEALTHY else ports[peer(name)],
            statistics=statistics(number),
        )
        for number, (name, upstream) in enumerate(setup.upstreams.items())
        if upstream.absence is not Absence.UNKNOWN
    ]
    return [first, *others]


def script(outcome: Outcome) -> Script:
    """Return what a peer does with a request that is whole, or waits for it to be."""
    if outcome.held:
        return (Await(), Hold())
    seconds = outcome.delay / _SECOND
    message = outcome.message
    match outcome.failure:
        case None if message is not None:
            return scripts.reply(message, delay=seconds)
        case Failure.RESET if message is not None:
            return scripts.reset_after(message, gap=_RESET_SECONDS)
        case Failure.RESET:
            return scripts.reset(delay=seconds)
        case _ if message is not None:
            return (Await(), *scripts.open_ended(message))
        case _:
            return scripts.silence()


@dataclass
class Callouts:
    """The callouts of one test.

    Attributes:
        held: the numbers of those that wait for a step to answer them, by cluster.

    """

    peers: Peers
    upstreams: Upstreams
    held: dict[str, list[int]] = field(default_factory=dict)
    _told: dict[tuple[str, int], Outcome] = field(default_factory=dict)

    @property
    def clusters(self) -> Iterator[str]:
        """The clusters at which callouts can arrive."""
        for name, upstream in self.upstreams.clusters.items():
            if upstream.absence is None:
                yield name

    def serve(self) -> int:
        """Apply the rules to the callouts that have arrived since; return how many."""
        return sum(map(self._serve, self.clusters))

    def _serve(self, cluster: str) -> int:
        count = 0
        for number, request in enumerate(self.peers.seen(peer(cluster))):
            if (cluster, number) in self._told or not request.held:
                continue
            outcome = self.upstreams.outcome(cluster, request.message)
            self._told[cluster, number] = outcome
            if outcome.held:
                self.held.setdefault(cluster, []).append(number)
            else:
                self.peers.release(peer(cluster), script(outcome), request=number)
            count += 1
        return count

    def answer(self, cluster: str, number: int, outcome: Outcome) -> bool:
        """Answer a callout that is held, by its number among those of its cluster."""
        seen = self.peers.seen(peer(cluster)) if cluster in set(self.clusters) else ()
        waiting = [place for place in self.held.get(cluster, []) if seen[place].held]
        if number >= len(waiting):
            return False
        place = waiting[number]
        self.held[cluster].remove(place)
        self._told[cluster, place] = outcome
        return self.peers.release(peer(cluster), script(outcome), request=place)

    def count(self, cluster: str) -> int:
        """Return how many callouts of a cluster have been served."""
        return sum(name == cluster for name, _ in self._told)

    def seen(self) -> tuple[Callout, ...]:
        """Return the callouts, in the order in which they were served."""
        arrived = {cluster: self.peers.seen(peer(cluster)) for cluster in self.clusters}
        return tuple(
            _callout(cluster, arrived[cluster][number], outcome)
            for (cluster, number), outcome in self._told.items()
        )


def _callout(cluster: str, request: Received, outcome: Outcome) -> Callout:
    return Callout(
        kind="http",
        to=cluster,
        message=request.message,
        timeout=_timeout(request.message.headers),
        state=_state(request, outcome),
    )


def _timeout(headers: tuple[Pair, ...]) -> int | None:
    found = next((value for name, value in headers if name == _TIMEOUT), b"")
    return int(found) if found.isdigit() else None


def _state(request: Received, outcome: Outcome) -> str | None:
    is_dropped = request.ending is Ending.RESET or request.code is not None
    if outcome.failure is Failure.RESET:
        return "failed"
    if outcome.held or outcome.failure is Failure.TIMEOUT:
        return "timed_out" if is_dropped else "pending"
    return "answered"


def without_twins(callouts: tuple[Callout, ...], own: int) -> tuple[Callout, ...]:
    """Leave out what the VM of the main thread sent as well, so that ``own`` are left if possible.

    Envoy starts every plugin in its main thread too, where it ticks and calls as in the worker.
    """
    surplus = len(callouts) - own
    kept: list[Callout] = []
    for index, callout in enumerate(callouts):
        twins = (other for other in callouts[index + 1 :] if _is_twin(callout, other))
        if surplus > 0 and next(twins, None):
            surplus -= 1
        else:
            kept.append(callout)
    return tuple(kept)


def _is_twin(one: Callout, other: Callout) -> bool:
    return one.to == other.to and one.message == other.message
