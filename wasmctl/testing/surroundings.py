"""What is around the plugins of a test: the clusters of callouts, the proxy, what is shared."""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from wasmctl.messages import Message
from wasmctl.testing import sendings
from wasmctl.testing.checks import messages as checks
from wasmctl.testing.expectation_models import ExpectedMessage
from wasmctl.testing.scenario import SuiteFile, Test
from wasmctl.testing.targets.base import Surroundings
from wasmctl.testing.upstream_models import Rule as WrittenRule
from wasmctl.testing.upstream_models import Upstream as WrittenUpstream
from wasmctl.testing.upstreams import Absence, Rule, Upstream

_Said = TypeVar("_Said")


def upstreams(test: Test, file: SuiteFile) -> Mapping[str, Upstream]:
    """Return the clusters of a test: its own, and those of its file that it does not name.

    A rule that a test writes itself has to be met; those of a file are for whatever test.
    """
    shared = {name: _upstream(name, it, own=False) for name, it in file.upstreams.items()}
    own = {name: _upstream(name, it, own=True) for name, it in test.upstreams.items()}
    return shared | own


def of(test: Test, file: SuiteFile, version: str) -> Surroundings:
    """Return the proxy around the plugins; ``version`` is what its upstream speaks."""
    own, shared = test.host, file.host
    return Surroundings(
        clock=_said(own.clock.start, shared.clock.start),
        seed=own.random.seed or shared.random.seed,
        log_level=_said(own.log_level, shared.log_level),
        memory=_said(own.limits.memory, shared.limits.memory),
        fuel=_said(own.limits.fuel, shared.limits.fuel),
        wall=own.limits.wall or shared.limits.wall or None,
        buffer_limit=_said(own.buffer_limit, shared.buffer_limit),
        version=version,
    )


def _said(own: _Said | None, shared: _Said | None) -> _Said | None:
    return own if own is not None else shared


def _upstream(name: str, written: WrittenUpstream, *, own: bool) -> Upstream:
    if written.fail in set(Absence):
        return Upstream(absence=Absence(str(written.fail)))
    place = f"upstreams.{name}"
    otherwise = sendings.answered(written.otherwise, None) if written.otherwise else None
    return Upstream(rules=tuple(_rules(written, place, own=own)), otherwise=otherwise)


def _rules(written: WrittenUpstream, place: str, *, own: bool) -> Iterator[Rule]:
    for index, rule in enumerate(written.rules):
        yield _rule(rule, f"{place}.rules[{index}]", own=own)
    if written.reply or written.fail or written.hold:
        outcome = sendings.answered(
            written.reply, written.fail, delay=written.delay, held=written.hold
        )
        yield Rule(place=place, fits=_any, outcome=outcome, must_be_used=own)


def _rule(written: WrittenRule, place: str, *, own: bool) -> Rule:
    outcome = sendings.answered(written.reply, written.fail, delay=written.delay, held=written.hold)
    fits = _fitting(written.when) if written.when else _any
    return Rule(place=place, fits=fits, outcome=outcome, times=written.times, must_be_used=own)


def _any(_callout: Message) -> bool:
    return True


def _fitting(when: ExpectedMessage) -> Callable[[Message], bool]:
    return lambda callout: not any(checks.message("", when, callout))
