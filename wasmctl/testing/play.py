"""Playing the tests of one file on one target, and judging what the target saw."""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from wasmctl.errors import DeadlineError, EnvoyFailedError
from wasmctl.testing import calls, course, evidence, expect, snapshots, steps
from wasmctl.testing.course import Played
from wasmctl.testing.observation import Aspect
from wasmctl.testing.report import Outcome, Result
from wasmctl.testing.suite import Scenario, Suite
from wasmctl.testing.targets.base import Ability, Setup, Stage, Target

# More of a failing test's calls nobody reads; with `Manner.trace` all are shown.
_MOST_CALLS = 60


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How tests are played.

    Attributes:
        trace: whether the calls between host and plugin are shown for passing tests, too.
        compare: whether another target plays the same, so that the calls are to be compared.
        update_snapshots: whether snapshots are to hold what is seen now.

    """

    trace: bool = False
    compare: bool = False
    update_snapshots: bool = False


AS_USUAL = Manner()


@dataclass(frozen=True, kw_only=True)
class _Case:
    """A scenario on a target.

    Attributes:
        result: what is known of its result before it has run.
        skipped: the reason why it cannot be judged there.

    """

    scenario: Scenario
    target: Target
    manner: Manner
    setup: Setup
    result: Result
    skipped: str | None


def play_suite(suite: Suite, target: Target, manner: Manner = AS_USUAL) -> Iterator[Result]:
    """Run the tests of a file, one after the other, and give the result of each as it comes.

    Raises what the target raises where it cannot run at all.
    """
    cases = [
        _case(suite, scenario, target, manner, i) for i, scenario in enumerate(suite.scenarios, 1)
    ]
    setups = [case.setup for case in cases if case.skipped is None]
    if not setups:
        yield from map(_skip, cases)
        return
    with target.stage(setups) as stage:
        for case in cases:
            yield _skip(case) if case.skipped else _play(case, stage)


def _case(suite: Suite, scenario: Scenario, target: Target, manner: Manner, number: int) -> _Case:
    return _Case(
        scenario=scenario,
        target=target,
        manner=manner,
        setup=_setup(scenario, number, trace=manner.trace or manner.compare),
        result=Result(
            name=scenario.name,
            file=suite.path,
            line=scenario.line,
            target=target.name,
            outcome=Outcome.SKIPPED,
            diverges=_divergence(scenario),
        ),
        skipped=_reason_to_skip(scenario, target),
    )


def _divergence(scenario: Scenario) -> str | None:
    reasons = (each.diverges for each in steps.expectations(scenario.steps))
    return next((reason for reason in reasons if reason is not None), None)


def _setup(scenario: Scenario, number: int, *, trace: bool) -> Setup:
    return Setup(
        key=f"test-{number}",
        plugins=tuple(used.setup for used in scenario.plugins),
        upstreams=scenario.upstreams,
        shared_data=scenario.shared_data,
        properties=scenario.properties,
        surroundings=scenario.surroundings,
        changes=steps.changes(scenario.steps),
        trace=trace or _is_looked_into(scenario),
    )


def _is_looked_into(scenario: Scenario) -> bool:
    """Whether the calls between host and plugin are needed to judge a test."""
    counts = Aspect.HOSTCALLS in _aspects(scenario)
    return counts or Ability.CALLBACKS in steps.needs(scenario.steps)


def _reason_to_skip(scenario: Scenario, target: Target) -> str | None:
    if scenario.skip is not None:
        return scenario.skip or "skip: true"
    if scenario.targets and target.name not in scenario.targets:
        return f"runs on {', '.join(scenario.targets)} only"
    lacking = _needs(scenario, target) - target.can
    if lacking:
        return f"needs {', '.join(sorted(lacking))}"
    named = _aspects(scenario)
    if not named:
        return None
    if Aspect.HAZARDS in named - target.sees:
        # What is expected may crash it.
        return "expects a hazard, which is not seen here"
    return None if named & target.sees else f"not seen here: {', '.join(sorted(named))}"


def _needs(scenario: Scenario, target: Target) -> frozenset[Ability]:
    found = steps.needs(scenario.steps)
    if scenario.shared_data:
        found |= {Ability.SHARED_DATA}
    if not all(map(target.has_property, scenario.properties)):
        found |= {Ability.PROPERTIES}
    if target.longest is not None and steps.passing(scenario.steps) > target.longest:
        found |= {Ability.LONG_TIME}
    return found


def _aspects(scenario: Scenario) -> frozenset[Aspect]:
    return frozenset().union(*map(expect.aspects, steps.expectations(scenario.steps)))


def _skip(case: _Case) -> Result:
    return replace(case.result, notes=(case.skipped or "",))


def _played(case: _Case, stage: Stage, setup: Setup) -> Played:
    with stage.session(setup) as session:
        return course.play(case.scenario.steps, session, case.target.sees)


def _play(case: _Case, stage: Stage) -> Result:
    start = time.perf_counter()
    try:
        played = _played(case, stage, case.setup)
    except (EnvoyFailedError, DeadlineError) as error:
        # The target broke under this plugin; the next test may find it whole again.
        broken = replace(case.result, notes=(error.message,), evidence=error.details)
        return _outcome(case, broken, failed=True, duration_ms=_since(start))
    unseen = sorted(_aspects(case.scenario) - case.target.sees)
    taken = snapshots.Snapshots(
        folder=snapshots.folder(case.result.file), update=case.manner.update_snapshots
    )
    found = taken.settled(played.mismatches)
    duration = _since(start)
    result = replace(
        case.result,
        mismatches=found,
        notes=(*((f"not seen here: {', '.join(unseen)}",) if unseen else ()), *played.notes),
        evidence=evidence.of(played.observation, _modules(case)) if found else (),
        timeline=_timeline(case, stage, played, failed=bool(found)),
        observation=played.observation,
    )
    return _outcome(case, result, failed=bool(found), duration_ms=duration)


def _modules(case: _Case) -> list[bytes]:
    return [used.plugin.content for used in case.setup.plugins]


def _timeline(case: _Case, stage: Stage, played: Played, *, failed: bool) -> tuple[str, ...]:
    """Tell the calls of a test that failed, or of which they were asked for.

    Where they were not taken down it is played once more: that costs the tests that pass nothing.
    """
    if not failed and not case.manner.trace:
        return ()
    seen = played.observation
    if not calls.were_seen(seen):
        # A plugin that was not called at all has no calls wherever it is played.
        with contextlib.suppress(EnvoyFailedError, DeadlineError):
            seen = _played(case, stage, replace(case.setup, trace=True)).observation
    lines = calls.told(seen) if calls.were_seen(seen) else ()
    left_out = 0 if case.manner.trace else max(0, len(lines) - _MOST_CALLS)
    return (f"… {left_out} earlier calls", *lines[left_out:]) if left_out else lines


def _outcome(case: _Case, result: Result, *, failed: bool, duration_ms: float) -> Result:
    """Say how a test ended; one that must fail is skipped where it does, and fails else."""
    expected = case.scenario.xfail
    timed = replace(result, duration_ms=duration_ms)
    if expected is None:
        return replace(timed, outcome=Outcome.FAILED if failed else Outcome.PASSED)
    if failed:
        words = ": ".join(word for word in ("fails as expected", expected) if word)
        return replace(timed, mismatches=(), notes=(words,), evidence=())
    note = "passes, though xfail says that it must fail: take xfail away"
    return replace(timed, outcome=Outcome.FAILED, notes=(note,))


def _since(start: float) -> float:
    return (time.perf_counter() - start) * 1000
