import pytest

from tests.testing.checks.judging import judged
from wasmctl.abi.types import LogLevel
from wasmctl.records import LogLine
from wasmctl.testing.observation import Observation

SEEN = Observation(
    configured=True,
    logs=tuple(LogLine(level=LogLevel.INFO, text=text) for text in ("one", "two", "three", "two")),
)


@pytest.mark.parametrize(
    "written",
    [
        "logs_in_order: [one, three]",
        "logs_in_order: [two, {level: info, contains: thr}, two]",
        "{logs: [{equals: two, times: 2}], no_logs: [four]}",
    ],
)
def test_what_holds_has_no_mismatch(written: str) -> None:
    assert judged(written, SEEN) == []


@pytest.mark.parametrize(
    ("written", "mismatch"),
    [
        (
            "logs_in_order: [three, one]",
            'logs_in_order[1]: expected a line ("one") below the last, saw one above it only',
        ),
        (
            "logs_in_order: [four, one]",
            'logs_in_order[0]: expected a line ("four") below the last, saw none of 4 lines',
        ),
        (
            "logs_in_order: [one, one]",
            'logs_in_order[1]: expected a line ("one") below the last, saw one above it only',
        ),
    ],
)
def test_what_differs_is_told(written: str, mismatch: str) -> None:
    assert judged(written, SEEN) == [mismatch]
