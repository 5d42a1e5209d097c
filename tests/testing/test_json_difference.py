import json

import pytest

from wasmctl.testing import json_difference
from wasmctl.testing.scalars import Value


@pytest.mark.parametrize(
    ("expected", "seen", "told"),
    [
        ({"a": 1, "b": [1]}, {"b": [1.0], "a": 1}, []),
        ({"a": {"b": "x"}}, {"a": {"b": "y"}}, ['.a.b: "x", "y"']),
        ({"a": 1}, {}, [".a: 1, nothing"]),
        ({}, {"a b": 1}, ['["a b"]: nothing, 1']),
        ([1, 2], [1], ["[1]: 2, nothing"]),
        ([1], [1, 2], ["[1]: nothing, 2"]),
        (True, 1, [": true, 1"]),
        ({"a": 1, "b": [True]}, {"a": 2, "b": [False]}, [".a: 1, 2", ".b[0]: true, false"]),
        ("x", ["x"], [': "x", ["x"]']),
    ],
)
def test_each_place_is_told(expected: Value, seen: Value, told: list[str]) -> None:
    parts = json_difference.parts(expected, seen)

    assert [f"{part.path}: {part.expected}, {part.seen}" for part in parts] == told


def test_long_values_are_cut_and_many_places_left_out() -> None:
    parts = json_difference.parts(["x" * 1000] * 50, json.loads("[" + "1," * 49 + "1]"))

    assert len(parts) == 20
    assert len(parts[0].expected) < 200
