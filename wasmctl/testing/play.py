"""Playing the tests of one file on one target, and judging what the target saw."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from wasmctl.errors import DeadlineError, EnvoyFailedError
from wasmctl.testing import course, evidence, expect, steps
from wasmctl.testing.observation import Aspect
from wasmctl.testing.report import Outcome, Result
from wasmctl.testing.suite import Scenario, Suite
from wasmctl.testing.targets.base import Setup, Stage, Target


@dataclass(frozen=True, kw_only=True)
class _Case:
    """A scenario on a target.

    Attributes:
        result: what is known of its result before it has run.
        skipped: the reason why it cannot be judged there.

    """

    scenario: Scenario
    target: Target
    setup: Setup
    result: Result
    skipped: str | None


def play_suite(suite: Suite, target: Target) -> Iterator[Result]:
    """Run the tests of a file, one after the other, and give the result of each as it comes.

    Raises what the target raises where it cannot run at all.
    """
    cases = [_case(suite, scenario, target, i) for i, scenario in enumerate(suite.scenarios, 1)]
    setups = [case.setup for case in cases if case.skipped is None]
    if not setups:
        yield from map(_skip, cases)
        return
    with target.stage(setups) as stage:
        for case in cases:
            yield _skip(case) if case.skipped else _play(case, stage)


def _case(suite: Suite, scenario: Scenario, target: Target, number: int) -> _Case:
    return _Case(
        scenario=scenario,
        target=target,
        setup=_setup(scenario, number),
        result=Result(
            name=scenario.name,
            file=suite.path,
            line=scenario.line,
            target=target.name,
            outcome=Outcome.SKIPPED,
        ),
        skipped=_reason_to_skip(scenario, target),
    )


def _setup(scenario: Scenario, number: int) -> Setup:
    used = scenario.plugin
    return Setup(
        key=f"test-{number}",
        plugin=used.plugin,
        configuration=used.configuration,
        root_id=used.root_id,
        vm_id=used.vm_id,
        environment=used.environment,
    )


def _reason_to_skip(scenario: Scenario, target: Target) -> str | None:
    if scenario.skip is not None:
        return scenario.skip or "skip: true"
    if scenario.targets and target.name not in scenario.targets:
        return f"runs on {', '.join(scenario.targets)} only"
    named = _aspects(scenario)
    if not named:
        return None
    return None if named & target.sees else f"not seen here: {', '.join(sorted(named))}"


def _aspects(scenario: Scenario) -> frozenset[Aspect]:
    return frozenset().union(*map(expect.aspects, steps.expectations(scenario.steps)))


def _skip(case: _Case) -> Result:
    return replace(case.result, notes=(case.skipped or "",))


def _play(case: _Case, stage: Stage) -> Result:
    start = time.perf_counter()
    try:
        with stage.session(case.setup) as session:
            played = course.play(case.scenario.steps, session, case.target.sees)
    except (EnvoyFailedError, DeadlineError) as error:
        # The target broke under this plugin; the next test may find it whole again.
        broken = replace(case.result, notes=(error.message,), evidence=error.details)
        return _outcome(case, broken, failed=True, duration_ms=_since(start))
    unseen = sorted(_aspects(case.scenario) - case.target.sees)
    result = replace(
        case.result,
        mismatches=played.mismatches,
        notes=(f"not seen here: {', '.join(unseen)}",) if unseen else (),
        evidence=evidence.of(played.observation) if played.mismatches else (),
        observation=played.observation,
    )
    return _outcome(case, result, failed=bool(played.mismatches), duration_ms=_since(start))


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
