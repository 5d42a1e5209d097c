"""The clusters around a plugin while a test runs: which rule each callout meets.

Both targets ask here, so that rules mean the same on both.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from wasmctl.messages import Message
from wasmctl.outcomes import Failure, Outcome
from wasmctl.testing.octets import as_text
from wasmctl.testing.quoting import quoted


class Absence(StrEnum):
    """Why no callout ever arrives at a cluster."""

    REFUSED = "refused"  # nobody listens at its port
    NO_HEALTHY = "no_healthy"  # it has no host to choose
    UNKNOWN = "unknown"  # the proxy has no such cluster


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What becomes of some callouts.

    Attributes:
        place: where it stands in the scenario file.
        fits: tells whether a callout is meant.
        times: for how many it is good; None: for any number.
        must_be_used: whether the test fails where no callout ever met it.

    """

    place: str
    fits: Callable[[Message], bool]
    outcome: Outcome
    times: int | None = None
    must_be_used: bool = False


@dataclass(frozen=True, kw_only=True)
class Upstream:
    """A cluster.

    Attributes:
        otherwise: what becomes of a callout that no rule is for; None: the test fails.
        absence: why no callout arrives, if none can.

    """

    rules: tuple[Rule, ...] = ()
    otherwise: Outcome | None = None
    absence: Absence | None = None


# What a callout gets that fails its test: whatever the plugin makes of it, it is not an answer.
_NOBODY = Outcome(failure=Failure.RESET)


class Upstreams:
    """The clusters of one test, and what has come of their rules.

    Attributes:
        unmatched: the callouts that no rule was for, each in words.

    """

    def __init__(self, clusters: Mapping[str, Upstream]) -> None:
        self.clusters = clusters
        self.unmatched: list[str] = []
        self._uses: dict[str, int] = {}

    def outcome(self, cluster: str, callout: Message) -> Outcome:
        """Return what becomes of a callout."""
        upstream = self.clusters.get(cluster, Upstream())
        for rule in upstream.rules:
            uses = self._uses.get(rule.place, 0)
            if (rule.times is None or uses < rule.times) and rule.fits(callout):
                self._uses[rule.place] = uses + 1
                return rule.outcome
        if upstream.otherwise is not None:
            return upstream.otherwise
        self.unmatched.append(_words(cluster, callout))
        return _NOBODY

    def unused(self) -> tuple[str, ...]:
        """Return the places of the rules that should have been met and were not."""
        rules = (rule for upstream in self.clusters.values() for rule in upstream.rules)
        return tuple(
            rule.place for rule in rules if rule.must_be_used and rule.place not in self._uses
        )


def _words(cluster: str, callout: Message) -> str:
    """Name a callout, and the rule that would have been for it."""
    named = {key: _value(callout, key) for key in ("method", "path")}
    when = ", ".join(f"{key}: {value}" for key, value in named.items())
    return f"a callout to {cluster} without a rule: {{when: {{{when}}}, reply: 200}}"


def _value(callout: Message, key: str) -> str:
    text = ", ".join(as_text(value) for value in callout.values(f":{key}".encode()))
    is_plain = text.replace("/", "").replace("-", "").replace("_", "").isalnum()
    return text if is_plain else quoted(text)
