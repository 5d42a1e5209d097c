from pathlib import Path

import pytest

from tests.envoy.plugins import plugin
from tests.fakes.targets import FakeTarget
from wasmctl import messages
from wasmctl.abi.types import AbiVersion, LogLevel
from wasmctl.errors import EnvironmentMissingError, EnvoyFailedError, TerminatedError
from wasmctl.records import LogLine, Trap, TrapKind
from wasmctl.testing import runner, suite
from wasmctl.testing.observation import Aspect, Observation, Seen
from wasmctl.testing.report import Outcome, Result
from wasmctl.testing.suite import Suite

OK = Observation(configured=True, client=Seen(message=messages.response(200)))
TRAP = Trap(
    kind=TrapKind.UNREACHABLE,
    callback="proxy_on_log",
    message="wasm `unreachable`",
    backtrace=("abort", "proxy_on_log"),
)
CRASHED = Observation(
    configured=True, logs=(LogLine(level=LogLevel.INFO, text="last\nwords"),), trap=TRAP
)
ONE = "{name: one, request: /a, expect: {client: {status: 200}}}"
TWO = "{name: two, request: /b, reply: 404, expect: {client: {status: 200}}}"


def opened(folder: Path, *tests: str) -> Suite:
    (folder / "p.wasm").write_bytes(plugin().content)
    path = folder / "a.wasmtest.yaml"
    lines = "\n".join(f"  - {test}" for test in tests)
    path.write_text(f"wasmtest: 1\nplugin: {{wasm: p.wasm}}\ntests:\n{lines}\n")
    return suite.open_suites([path], None)[0]


def ran(folder: Path, target: FakeTarget, *tests: str) -> tuple[Result, ...]:
    return runner.run([opened(folder, *tests)], [target]).results


def test_each_test_has_a_session_of_its_own_on_the_stage_of_its_file(tmp_path: Path) -> None:
    target = FakeTarget({"test-1": OK, "test-2": OK})

    ran(tmp_path, target, ONE, TWO)

    assert target.played == [
        "stage test-1 test-2",
        *("open test-1", "request /a reply 200", "close test-1"),
        *("open test-2", "request /b reply 404", "close test-2"),
    ]


def test_what_is_as_expected_has_passed(tmp_path: Path) -> None:
    (result,) = ran(tmp_path, FakeTarget({"test-1": OK}), ONE)

    assert (result.name, result.file.name, result.line) == ("one", "a.wasmtest.yaml", 4)
    assert (result.target, result.outcome, result.messages) == ("harness", Outcome.PASSED, ())


def test_what_is_not_has_failed_and_says_what_helps(tmp_path: Path) -> None:
    (result,) = ran(tmp_path, FakeTarget({"test-1": CRASHED}), ONE)

    assert result.outcome is Outcome.FAILED
    assert result.messages == (
        "trap: expected none, saw unreachable in proxy_on_log",
        "client: expected a whole message, saw none",
    )
    assert result.evidence == (
        "trap: wasm `unreachable`",
        "  at abort",
        "  at proxy_on_log",
        r'log: info "last\nwords"',
    )


def test_where_a_stream_stopped_for_good_is_told(tmp_path: Path) -> None:
    paused = Observation(configured=True, paused_at="proxy_on_request_headers")

    (result,) = ran(tmp_path, FakeTarget({"test-1": paused}), ONE)

    assert result.evidence == (
        "paused in proxy_on_request_headers, and nothing was left that could resume",
    )


def test_of_a_long_log_the_end_is_shown(tmp_path: Path) -> None:
    lines = tuple(LogLine(level=LogLevel.INFO, text=str(number)) for number in range(30))
    target = FakeTarget({"test-1": Observation(configured=False, load_error="no", logs=lines)})

    (result,) = ran(tmp_path, target, ONE)

    assert result.evidence[:3] == ("did not start: no", "log: 10 earlier lines", 'log: info "10"')
    assert result.evidence[-1] == 'log: info "29"'


def test_a_target_that_breaks_in_a_test_fails_that_test_only(tmp_path: Path) -> None:
    broken = EnvoyFailedError("Envoy died", hint="…", details=("last line",))
    target = FakeTarget({"test-1": broken, "test-2": OK})

    first, second = ran(tmp_path, target, ONE, TWO)

    assert (first.outcome, first.messages) == (Outcome.FAILED, ("Envoy died",))
    assert first.evidence == ("last line",)
    assert second.outcome is Outcome.PASSED


def test_a_user_who_ends_the_run_fails_no_test(tmp_path: Path) -> None:
    target = FakeTarget({"test-1": TerminatedError("terminated", hint="…")})

    with pytest.raises(TerminatedError):
        ran(tmp_path, target, ONE)


def test_a_test_for_other_targets_is_skipped(tmp_path: Path) -> None:
    target = FakeTarget({"test-2": OK})

    first, second = ran(tmp_path, target, "{targets: [envoy], " + ONE[1:], TWO)

    assert (first.outcome, first.messages) == (Outcome.SKIPPED, ("runs on envoy only",))
    assert second.outcome is Outcome.PASSED
    assert target.played[0] == "stage test-2"


def test_a_target_is_not_staged_for_a_file_it_skips(tmp_path: Path) -> None:
    target = FakeTarget({})

    ran(tmp_path, target, "{targets: [envoy], " + ONE[1:])

    assert target.played == []


def test_a_test_of_which_nothing_can_be_seen_is_skipped(tmp_path: Path) -> None:
    target = FakeTarget({}, sees=frozenset({Aspect.LOGS}))

    (result,) = ran(tmp_path, target, ONE)

    assert (result.outcome, result.messages) == (Outcome.SKIPPED, ("not seen here: client",))


def test_what_could_not_be_seen_of_a_test_is_told(tmp_path: Path) -> None:
    target = FakeTarget({"test-1": OK}, sees=frozenset({Aspect.CLIENT, Aspect.CONFIGURED}))

    (result,) = ran(
        tmp_path, target, "{name: one, request: /, expect: {client: {status: 200}, logs: [x]}}"
    )

    assert (result.outcome, result.messages) == (Outcome.PASSED, ("not seen here: logs",))


def test_a_file_runs_on_each_target_before_the_next_file(tmp_path: Path) -> None:
    found = opened(tmp_path, ONE)
    first = FakeTarget({"test-1": OK})
    second = FakeTarget({"test-1": CRASHED}, name="envoy")
    told: list[str] = []

    report = runner.run(
        [found, found],
        [first, second],
        on_stage=lambda _suite, target: told.append(f"stage {target.name}"),
        on_result=lambda result: told.append(f"{result.outcome} on {result.target}"),
    )

    assert told == ["stage harness", "passed on harness", "stage envoy", "failed on envoy"] * 2
    assert (report.passed, report.failed, report.skipped) == (2, 2, 0)


def test_the_module_under_test_is_named_by_its_digest(tmp_path: Path) -> None:
    report = runner.run([opened(tmp_path, ONE, TWO)], [FakeTarget({"test-1": OK, "test-2": OK})])

    (tested,) = report.plugins
    assert tested.path == tmp_path / "p.wasm"
    assert tested.digest == plugin().digest
    assert tested.abi is AbiVersion.V0_2_1


def test_a_target_that_cannot_run_at_all_ends_the_run(tmp_path: Path) -> None:
    target = FakeTarget({}, missing=EnvironmentMissingError("no Envoy", hint="…"))

    with pytest.raises(EnvironmentMissingError):
        ran(tmp_path, target, ONE)


FAILS = "{name: one, request: /a, expect: {client: {status: 404}}}"


@pytest.mark.parametrize(
    ("keys", "outcome", "messages_"),
    [
        ("skip: true", Outcome.SKIPPED, ("skip: true",)),
        ("skip: not yet", Outcome.SKIPPED, ("not yet",)),
        ("skip: false", Outcome.FAILED, ("client.status: expected 404, saw 200",)),
        ("xfail: true", Outcome.SKIPPED, ("fails as expected",)),
        ("xfail: known", Outcome.SKIPPED, ("fails as expected: known",)),
    ],
)
def test_a_test_may_be_skipped_or_known_to_fail(
    tmp_path: Path, keys: str, outcome: Outcome, messages_: tuple[str, ...]
) -> None:
    test = FAILS.replace("name: one", f"name: one, {keys}")

    (result,) = ran(tmp_path, FakeTarget({"test-1": OK}), test)

    assert (result.outcome, result.messages) == (outcome, messages_)


def test_a_test_that_must_fail_and_passes_fails(tmp_path: Path) -> None:
    test = ONE.replace("name: one", "name: one, xfail: known")

    (result,) = ran(tmp_path, FakeTarget({"test-1": OK}), test)

    assert result.outcome is Outcome.FAILED
    assert result.messages == ("passes, though xfail says that it must fail: take xfail away",)


def test_where_a_test_has_only_the_others_are_skipped(tmp_path: Path) -> None:
    target = FakeTarget({"test-1": OK, "test-2": OK})

    first, second = ran(tmp_path, target, ONE, TWO.replace("name: two", "name: two, only: true"))

    assert first.messages == ("another test of this file has only: true",)
    assert second.outcome is Outcome.PASSED


def test_with_fail_fast_the_first_failure_is_the_last_test(tmp_path: Path) -> None:
    target = FakeTarget({"test-1": OK, "test-2": OK})

    report = runner.run([opened(tmp_path, FAILS, TWO)], [target], fail_fast=True)

    assert [each.outcome for each in report.results] == [Outcome.FAILED]
    assert target.played[-1] == "close test-1"


@pytest.mark.parametrize(
    ("test", "reason"),
    [
        (
            "{name: a, shared_data: {k: v}, request: /, expect: {client: never}}",
            "needs shared data to be set from outside",
        ),
        (
            "{name: a, steps: [{enqueue: {queue: q, data: x}}, {set: {shared_data: {k: v}}}]}",
            "needs a queue to be filled from outside, shared data to be set from outside",
        ),
        (
            "{name: a, steps: [{repeat: {times: 2, steps: [{advance: 600ms}]}}]}",
            "needs more time to pass than a real clock is waited for",
        ),
        (
            "{name: a, request: /, reply: {delay: 2s}, expect: {client: never}}",
            "needs more time to pass than a real clock is waited for",
        ),
    ],
)
def test_a_test_that_needs_what_a_target_cannot_do_is_skipped_there(
    tmp_path: Path, test: str, reason: str
) -> None:
    target = FakeTarget({"test-1": OK}, can=frozenset(), longest=1_000_000_000)

    (result,) = ran(tmp_path, target, test)

    assert result.outcome is Outcome.SKIPPED
    assert result.notes == (reason,)
    assert target.played == []
