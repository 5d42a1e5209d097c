import pytest

from wasmctl.testing import grammar
from wasmctl.testing.blame import Blame
from wasmctl.testing.matchers import Matcher
from wasmctl.testing.operators import OPERATORS, Kind
from wasmctl.testing.scalars import Value

# Operator, argument, a value that matches and one that does not, the words of the matcher.
CASES: list[tuple[str, Value, str, str | None, str]] = [
    ("equals", "a", "a", "A", '"a"'),
    ("contains", "b", "abc", "ac", 'a text with "b"'),
    ("starts_with", "ab", "abc", "cab", 'a text that begins with "ab"'),
    ("ends_with", "bc", "abc", "bca", 'a text that ends with "bc"'),
    ("regex", "b+", "bb", "abb", "a text that matches /b+/"),
    ("search", "b+", "abb", "a", "a text in which is found /b+/"),
    ("one_of", ["a", "b"], "b", "c", '"a" or "b"'),
    ("not", "a", "b", "a", 'anything but "a"'),
    ("all", ["a", {"len": 1}], "a", "b", '"a" and a length of 1'),
    ("any", [{"gt": 5}, "a"], "6", "5", 'a number > 5 or "a"'),
    ("eq", 5, "5.0", "6", "a number = 5"),
    ("lt", 5, "4", "5", "a number < 5"),
    ("le", 5, "5", "6", "a number ≤ 5"),
    ("gt", 5, "5.5", "5", "a number > 5"),
    ("ge", 5, "5", "four", "a number ≥ 5"),
    ("len", {"le": 2}, "é", "ab\n", "a length of a number ≤ 2"),
    ("json", {"a": [1, True]}, '{ "a": [1.0, true] }', '{"a": [1, 1]}', "JSON that means"),
    ("base64", "YQ==", "a", "b", '"a"'),
    ("hex", "61 62", "ab", "a", '"ab"'),
    ("present", True, "", None, "any value"),
]


def read(value: Value, kind: Kind = Kind.FIELD) -> Matcher:
    blame = Blame()
    matcher = grammar.read(value, kind, (), blame)
    assert not blame.wrongs
    return matcher


def holds(matcher: Matcher, value: str | None) -> bool:
    return matcher.holds(() if value is None else (value,))


@pytest.mark.parametrize(("name", "argument", "good", "bad", "words"), CASES)
def test_each_operator_matches_what_it_says(
    name: str, argument: Value, good: str, bad: str | None, words: str
) -> None:
    matcher = read({name: argument})

    assert holds(matcher, good)
    assert not holds(matcher, bad)
    assert matcher.words.startswith(words)


def test_every_operator_is_tried_above_or_below() -> None:
    assert {case[0] for case in CASES} | {"delta", "file"} == set(OPERATORS)


def test_what_was_added_to_a_metric_is_a_number() -> None:
    matcher = read({"delta": {"ge": 2}}, Kind.METRIC)

    assert holds(matcher, "2")
    assert not holds(matcher, "1")


def test_a_metric_that_was_not_touched_is_absent_or_nothing_was_added() -> None:
    matcher = read(None, Kind.METRIC)

    assert holds(matcher, None)
    assert holds(matcher, "0")
    assert not holds(matcher, "1")


def test_a_scalar_means_equals() -> None:
    assert holds(read("a"), "a")
    assert not holds(read("a"), None)


def test_a_number_is_compared_with_a_header_as_text() -> None:
    assert holds(read(5), "5")
    assert not holds(read(5), "5.0")


def test_nothing_means_absent() -> None:
    assert holds(read(None), None)
    assert not holds(read(None), "")


def test_a_list_means_repeated_values_in_order() -> None:
    matcher = read(["a", {"contains": "b"}])

    assert matcher.holds(("a", "abc"))
    assert not matcher.holds(("abc", "a"))
    assert not matcher.holds(("a, abc",))
    assert matcher.words == 'the values ["a", a text with "b"]'


def test_a_scalar_sees_repeated_values_joined() -> None:
    assert read("a, b").holds(("a", "b"))


def test_all_operators_of_a_map_must_hold() -> None:
    matcher = read({"starts_with": "a", "ends_with": "z"})

    assert holds(matcher, "abz")
    assert not holds(matcher, "ab")


@pytest.mark.parametrize(
    "matcher",
    [
        {"equals": "ABC"},
        {"contains": "B"},
        {"starts_with": "A"},
        {"ends_with": "C"},
        {"regex": "ABC"},
        {"search": "B"},
        {"one_of": ["ABC"]},
    ],
)
def test_case_can_be_ignored(matcher: dict[str, Value]) -> None:
    assert not holds(read(matcher), "abc")
    assert holds(read({**matcher, "ignore_case": True}), "abc")


def test_absence_is_anything_but_a_value() -> None:
    assert holds(read({"not": "a"}), None)


def test_no_operator_but_not_and_present_matches_absence() -> None:
    others = [case[:2] for case in CASES if case[0] not in {"not", "present"}]

    assert not any(holds(read({name: argument}), None) for name, argument in others)


def test_present_can_ask_for_absence() -> None:
    assert holds(read({"present": False}), None)
    assert not holds(read({"present": False}), "a")


def test_an_absent_body_is_the_empty_one() -> None:
    assert read(None, Kind.BODY).holds(("",))


def test_a_json_text_without_end_is_no_json() -> None:
    assert not holds(read({"json": []}), "[" * 100_000)


@pytest.mark.parametrize("text", ["1_000", " 5", "nan", "٣", "0x5"])
def test_what_only_python_reads_as_a_number_is_none(text: str) -> None:
    assert not holds(read({"ge": 0}), text)


def test_numbers_are_told_without_quotes() -> None:
    assert read({"one_of": [200, 204]}, Kind.NUMBER).words == "200 or 204"


@pytest.mark.parametrize(
    ("value", "kind", "at", "message"),
    [
        ({"contians": 1}, Kind.FIELD, ("contians",), "unknown key 'contians'; did you mean"),
        ({}, Kind.FIELD, (), "a matcher without an operator matches nothing"),
        ({"ignore_case": True}, Kind.TEXT, (), "a matcher without an operator matches nothing"),
        ({"gt": 1, "ignore_case": 1}, Kind.TEXT, ("ignore_case",), "expected true or false, not"),
        ({"contains": ["a"]}, Kind.TEXT, ("contains",), "expected a text, not a list"),
        ({"ge": "5"}, Kind.TEXT, ("ge",), "expected a number, not a text"),
        ({"ge": True}, Kind.TEXT, ("ge",), "expected a number, not true"),
        ({"one_of": []}, Kind.TEXT, ("one_of",), "expected a list with at least one entry, not an"),
        ({"any": ["a", {"x": 1}]}, Kind.TEXT, ("any", 1, "x"), "unknown key 'x'; known are"),
        ({"regex": "("}, Kind.TEXT, ("regex",), "not a regular expression: missing ): ("),
        (
            {"search": "(?=a)"},
            Kind.TEXT,
            ("search",),
            "not a regular expression: invalid perl operator: (?=",
        ),
        ({"base64": "a"}, Kind.TEXT, ("base64",), "not base64: 'a'"),
        ({"hex": "0g"}, Kind.TEXT, ("hex",), "not hex: '0g'"),
        ({"present": 1}, Kind.FIELD, ("present",), "expected true or false, not a number"),
        ({"present": True}, Kind.BODY, ("present",), "unknown key 'present'; known are"),
        ({"len": "long"}, Kind.TEXT, ("len",), "expected a number, not a text"),
        (["a", None], Kind.FIELD, (1,), "expected a text, not nothing"),
        (["a"], Kind.TEXT, (), "expected a text, not a list"),
        ("200", Kind.NUMBER, (), "expected a number, not a text"),
        (None, Kind.NUMBER, (), "expected a number, not nothing"),
        ({"contains": "2"}, Kind.NUMBER, ("contains",), "unknown key 'contains'; known are"),
        ({"ge": 1, "ignore_case": True}, Kind.NUMBER, ("ignore_case",), "unknown key 'ignore_c"),
    ],
)
def test_a_slip_is_one_mistake_with_its_place(
    value: Value, kind: Kind, at: tuple[str | int, ...], message: str
) -> None:
    blame = Blame()

    grammar.read(value, kind, (), blame)

    assert [wrong.at for wrong in blame.wrongs] == [at]
    assert blame.wrongs[0].message.startswith(message)


def test_two_slips_are_two_mistakes() -> None:
    blame = Blame()

    grammar.read({"ge": "a", "le": "b"}, Kind.NUMBER, (), blame)

    assert [wrong.at for wrong in blame.wrongs] == [("ge",), ("le",)]
