"""Playing the tests of one file on one target, and judging what the target saw."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from wasmctl.errors import DeadlineError, EnvoyFailedError
from wasmctl.testing import evidence, expect
from wasmctl.testing.observation import Observation
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
    if scenario.targets and target.name not in scenario.targets:
        return f"runs on {', '.join(scenario.targets)} only"
    named = expect.aspects(scenario.expectation)
    return None if named & target.sees else f"not seen here: {', '.join(sorted(named))}"


def _skip(case: _Case) -> Result:
    return replace(case.result, notes=(case.skipped or "",))


def _play(case: _Case, stage: Stage) -> Result:
    start = time.perf_counter()
    try:
        observation = _observe(case, stage)
    except (EnvoyFailedError, DeadlineError) as error:
        # The target broke under this plugin; the next test may find it whole again.
        return replace(
            case.result,
            outcome=Outcome.FAILED,
            notes=(error.message,),
            evidence=error.details,
            duration_ms=_since(start),
        )
    return _judge(case, observation, _since(start))


def _observe(case: _Case, stage: Stage) -> Observation:
    with stage.session(case.setup) as session:
        for step in case.scenario.steps:
            session.exchange(step.request, step.reply)
        return session.observation()


def _judge(case: _Case, observation: Observation, duration_ms: float) -> Result:
    sees, wanted = case.target.sees, case.scenario.expectation
    mismatches = expect.judge(wanted, observation, sees, requested=bool(case.scenario.steps))
    unseen = sorted(expect.aspects(wanted) - sees)
    return replace(
        case.result,
        outcome=Outcome.FAILED if mismatches else Outcome.PASSED,
        mismatches=mismatches,
        notes=(f"not seen here: {', '.join(unseen)}",) if unseen else (),
        evidence=evidence.of(observation) if mismatches else (),
        duration_ms=duration_ms,
    )


def _since(start: float) -> float:
    return (time.perf_counter() - start) * 1000
