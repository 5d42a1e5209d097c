import pytest

from wasmctl.testing import scalars
from wasmctl.testing.scalars import Scalar


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("~", None),
        ("", None),
        ("null", None),
        ("true", True),
        ("False", False),
        ("12", 12),
        ("-3", -3),
        ("0x1f", 31),
        ("0o17", 15),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
    ],
)
def test_the_core_schema_resolves(written: str, value: Scalar) -> None:
    resolved = scalars.resolve(written)

    assert resolved == value
    assert isinstance(resolved, type(value))


@pytest.mark.parametrize(
    "written",
    ["no", "yes", "on", "off", "y", "1:30", "2026-01-01", "1_000", ".inf", ".nan", "1e999", "0b1"],
)
def test_what_only_yaml_1_1_resolves_stays_text(written: str) -> None:
    assert scalars.resolve(written) == written


def test_digits_without_end_stay_text() -> None:
    written = "9" * 5000

    assert scalars.resolve(written) == written


@pytest.mark.parametrize("written", ["1.10", "007", "0x1F", "+5", "1e3", "12", "1.0"])
def test_a_number_where_text_is_wanted_is_the_text_that_was_written(written: str) -> None:
    assert scalars.text_of(scalars.resolve(written)) == written


def test_a_boolean_where_text_is_wanted_is_its_word() -> None:
    assert scalars.text_of(scalars.resolve("TRUE")) == "true"
