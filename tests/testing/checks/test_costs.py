import pytest

from tests.testing.checks.judging import judged
from wasmctl.testing.observation import Observation

SEEN = Observation(configured=True, fuel=1200, pages=17, growth=1, size=4096, elapsed=250)


@pytest.mark.parametrize(
    "written",
    [
        "fuel: {le: 1200}",
        "memory: {pages: 17, growth: {le: 1}}",
        "size: {lt: 5000}",
        "time: {elapsed: {ge: 200, le: 250}}",
    ],
)
def test_what_is_within_its_budget_has_no_mismatch(written: str) -> None:
    assert judged(written, SEEN) == []


@pytest.mark.parametrize(
    ("written", "mismatch"),
    [
        ("fuel: {lt: 1200}", "fuel: expected a number < 1200, saw 1200"),
        ("memory: {pages: {le: 16}}", "memory.pages: expected a number ≤ 16, saw 17"),
        ("memory: {growth: 0}", "memory.growth: expected 0, saw 1"),
        ("size: {le: 4000}", "size: expected a number ≤ 4000, saw 4096"),
        ("time: {elapsed: 0}", "time.elapsed: expected 0, saw 250"),
    ],
)
def test_what_is_beyond_its_budget_is_told(written: str, mismatch: str) -> None:
    assert judged(written, SEEN) == [mismatch]
