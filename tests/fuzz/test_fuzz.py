"""A short run of the fuzzer, always of the same cases; and that it would see what it looks for."""

from pathlib import Path

import pytest

from tests.fuzz import cases, run
from tests.fuzz.driver import driver
from tests.fuzz.play import Tally, play
from wasmctl.abi.types import AbiVersion
from wasmctl.host import Host
from wasmctl.host.hostcalls import HOSTCALLS


@pytest.mark.timeout(600)
def test_for_twenty_seconds_nothing_is_found(built_project: Path) -> None:
    findings = run.fuzz(seconds=20, count=100_000, plugins=[built_project / "dist" / "demo.wasm"])

    assert run.is_sound(findings), "\n".join(run.report(findings))
    assert findings.tally.runs > 0


@pytest.mark.parametrize("version", list(AbiVersion))
def test_the_driver_can_make_every_hostcall_of_a_version(version: AbiVersion) -> None:
    found = driver(version)

    with Host.start(found.module) as host:
        assert host.trap is None
    hostcalls = {name for name, (_, signature) in found.steps.items() if signature}
    assert hostcalls == {wanted.name for wanted in found.module.module.imports}
    assert hostcalls <= HOSTCALLS.keys()


def test_a_case_is_always_the_same() -> None:
    assert cases.case(7) == cases.case(7)
    assert cases.case(7) != cases.case(8)


def test_a_run_is_counted_by_hostcall_and_status() -> None:
    tally = Tally()

    for number in range(1, 30):
        play(cases.case(number), number, tally)

    assert tally.cases == 29
    assert 2 * tally.reached > tally.runs > 29
    assert sum(tally.statuses.values()) > 0
