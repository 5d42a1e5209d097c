import pytest

from wasmctl.testing import durations
from wasmctl.testing.blame import Blame


@pytest.mark.parametrize(
    ("written", "nanoseconds"),
    [
        ("10us", 10_000),
        ("250ms", 250_000_000),
        ("1.5s", 1_500_000_000),
        ("2m", 120_000_000_000),
        ("1h", 3_600_000_000_000),
        ("0s", 0),
    ],
)
def test_a_duration_is_read_with_its_unit(written: str, nanoseconds: int) -> None:
    blame = Blame()

    assert durations.read(written, blame) == nanoseconds
    assert not blame.wrongs


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("10", "expected a duration such as 10ms, 1.5s, 2m or 1h, not '10'"),
        (10, "expected a duration such as 10ms, 1.5s, 2m or 1h, not a number"),
        ("-1s", "expected a duration"),
        ("9999999h", "that is more than a hundred years"),
    ],
)
def test_what_is_none_is_told(written: str | int, message: str) -> None:
    blame = Blame()

    durations.read(written, blame)

    assert blame.wrongs[0].message.startswith(message)


@pytest.mark.parametrize(
    ("nanoseconds", "shown"),
    [
        (0, "0ms"),
        (250_000_000, "250ms"),
        (1_500_000_000, "1500ms"),
        (60_000_000_000, "1m"),
        (10_000, "0.01ms"),
    ],
)
def test_a_duration_is_shown_in_its_largest_whole_unit(nanoseconds: int, shown: str) -> None:
    assert durations.shown(nanoseconds) == shown
