"""The clusters of one test on the embedded host: which callouts they hold."""

from collections.abc import Mapping

from wasmctl.host.callout import Callout
from wasmctl.host.clusters import Cluster
from wasmctl.outcomes import Failure, Outcome
from wasmctl.testing.upstreams import Absence, Upstream, Upstreams

_FAILURES = {Absence.REFUSED: Failure.REFUSED, Absence.NO_HEALTHY: Failure.NO_HEALTHY}


class HostUpstreams:
    """What becomes of each callout.

    Attributes:
        rules: what the scenario says.
        held: the numbers of callouts that wait for a step to answer them.

    """

    def __init__(self, upstreams: Mapping[str, Upstream]) -> None:
        self.rules = Upstreams(upstreams)
        self.held: set[int] = set()

    @property
    def clusters(self) -> dict[str, Cluster]:
        """The clusters that the proxy has, as the host asks them."""
        return {
            name: self._cluster(name, upstream)
            for name, upstream in self.rules.clusters.items()
            if upstream.absence is not Absence.UNKNOWN
        }

    def _cluster(self, name: str, upstream: Upstream) -> Cluster:
        absence = upstream.absence
        if absence is not None:
            return lambda _callout: Outcome(failure=_FAILURES[absence])
        return lambda callout: self._outcome(name, callout)

    def _outcome(self, name: str, callout: Callout) -> Outcome:
        outcome = self.rules.outcome(name, callout.message)
        if outcome.held:
            self.held.add(callout.number)
        return outcome
