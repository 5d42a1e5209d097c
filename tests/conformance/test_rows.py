"""Every rule has a case, and every case names rules that there are."""

from collections import Counter

from tests.conformance.cases import CASES
from tests.conformance.rows import ROWS


def test_each_rule_has_an_id_of_its_own() -> None:
    counted = Counter(row.id for row in ROWS)

    assert [name for name, count in counted.items() if count > 1] == []


def test_each_case_names_rules_that_there_are() -> None:
    known = {row.id for row in ROWS}

    unknown = {name: set(case.rows) - known for name, case in CASES.items()}

    assert {name: rows for name, rows in unknown.items() if rows} == {}
