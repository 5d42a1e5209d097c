from pathlib import Path

from wasmctl.abi.types import AbiVersion
from wasmctl.testing import report
from wasmctl.testing.mismatch import Mismatch
from wasmctl.testing.report import Outcome, Report, Result, TestedPlugin

FILE = Path("tests/a.wasmtest.yaml")
PASSED = Result(
    name="one", file=FILE, line=4, target="harness", outcome=Outcome.PASSED, duration_ms=1.23456
)
FAILED = Result(
    name="one",
    file=FILE,
    line=4,
    target="envoy",
    outcome=Outcome.FAILED,
    mismatches=(Mismatch(path="client.status", expected="200", seen="503"),),
    notes=("not seen here: logs",),
    evidence=("log: info …",),
)
SKIPPED = Result(
    name="two",
    file=FILE,
    line=9,
    target="envoy",
    outcome=Outcome.SKIPPED,
    notes=("runs on harness only",),
)
REPORT = Report(
    results=(PASSED, FAILED, SKIPPED),
    plugins=(TestedPlugin(path=Path("p.wasm"), digest="sha256:00", abi=AbiVersion.V0_2_1),),
    obsolete=(Path("tests/a.snapshots/old.txt"),),
)
NOTHING: dict[str, list[object]] = {
    "mismatches": [],
    "notes": [],
    "evidence": [],
    "timeline": [],
    "calls": [],
}


def test_json_has_the_promised_keys_and_no_others() -> None:
    assert report.as_json(REPORT) == {
        "passed": 1,
        "failed": 1,
        "skipped": 1,
        "plugins": [{"path": "p.wasm", "digest": "sha256:00", "abi": "0.2.1", "producers": []}],
        "obsolete_snapshots": ["tests/a.snapshots/old.txt"],
        "results": [
            {
                "name": "one",
                "file": "tests/a.wasmtest.yaml",
                "line": 4,
                "target": "harness",
                "outcome": "passed",
                "messages": [],
                **NOTHING,
                "duration_ms": 1.235,
            },
            {
                "name": "one",
                "file": "tests/a.wasmtest.yaml",
                "line": 4,
                "target": "envoy",
                "outcome": "failed",
                "messages": ["client.status: expected 200, saw 503", "not seen here: logs"],
                **NOTHING,
                "mismatches": [{"path": "client.status", "expected": "200", "seen": "503"}],
                "notes": ["not seen here: logs"],
                "evidence": ["log: info …"],
                "duration_ms": 0.0,
            },
            {
                "name": "two",
                "file": "tests/a.wasmtest.yaml",
                "line": 9,
                "target": "envoy",
                "outcome": "skipped",
                "messages": ["runs on harness only"],
                **NOTHING,
                "notes": ["runs on harness only"],
                "duration_ms": 0.0,
            },
        ],
    }


def test_results_are_grouped_by_file_and_target() -> None:
    groups = report.by_suite(REPORT.results)

    assert groups == {(FILE, "harness"): [PASSED], (FILE, "envoy"): [FAILED, SKIPPED]}
