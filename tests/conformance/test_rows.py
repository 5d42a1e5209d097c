"""Every rule has a case, every case names rules that there are, and the page tells of them."""

from collections import Counter
from pathlib import Path

from scripts import parity_page
from tests.conformance.cases import CASES
from tests.conformance.exceptions import EXCEPTIONS
from tests.conformance.hazards import MISTAKES
from tests.conformance.pending import PENDING
from tests.conformance.releases import DIFFERENCES
from tests.conformance.rows import ROWS

PAGE = Path(__file__).parents[2] / "docs/reference/parity.md"
ALL = {**CASES, **{name: mistake.case for name, mistake in MISTAKES.items()}}


def test_each_rule_has_an_id_of_its_own() -> None:
    counted = Counter(row.id for row in ROWS)

    assert [name for name, count in counted.items() if count > 1] == []


def test_each_case_names_rules_that_there_are() -> None:
    known = {row.id for row in ROWS}

    unknown = {name: set(case.rows) - known for name, case in ALL.items()}

    assert {name: rows for name, rows in unknown.items() if rows} == {}


def test_each_rule_has_a_case() -> None:
    shown = {row for case in ALL.values() for row in case.rows}

    assert [row.id for row in ROWS if row.id not in shown] == []


def test_no_two_cases_have_one_name_in_envoy() -> None:
    counted = Counter(case.key for case in ALL.values())

    assert [key for key, count in counted.items() if count > 1] == []


def test_what_is_listed_as_different_is_a_case() -> None:
    listed = {*EXCEPTIONS, *PENDING, *(name for each in DIFFERENCES.values() for name in each)}

    assert listed - ALL.keys() == set()


def test_the_host_is_as_envoy_but_for_a_few_named_cases() -> None:
    assert len(CASES) >= 200
    assert len(EXCEPTIONS) <= 5


def test_the_page_is_what_the_suite_says() -> None:
    assert PAGE.read_text() == parity_page.parity(), "run: make generate"
