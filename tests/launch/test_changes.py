import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wasmctl.errors import DefinitionError, UsageError
from wasmctl.launch import changes

_KEYS = st.text("abc", min_size=1, max_size=2)
_SCALARS = st.integers() | st.text(max_size=3) | st.booleans()
_OBJECTS = st.recursive(
    st.dictionaries(_KEYS, _SCALARS, max_size=3),
    lambda inner: st.dictionaries(_KEYS, inner | _SCALARS, max_size=3),
    max_leaves=8,
)


def bootstrap() -> dict[str, Any]:
    return {"list": [{"name": "a", "x": 1}, {"name": "b"}], "deep": {"er": 1}}


@pytest.mark.parametrize(
    ("assignment", "expected"),
    [
        ("deep.er=2", {"deep": {"er": 2}}),
        ("deep.new.est=text", {"deep": {"er": 1, "new": {"est": "text"}}}),
        ("list[a].x=[1]", {"list": [{"name": "a", "x": [1]}, {"name": "b"}]}),
        ("list[1].y=true", {"list": [{"name": "a", "x": 1}, {"name": "b", "y": True}]}),
        ("list[0]={}", {"list": [{}, {"name": "b"}]}),
        ("deep.er=a=b", {"deep": {"er": "a=b"}}),
    ],
)
def test_a_value_is_set_where_its_path_leads(assignment: str, expected: dict[str, Any]) -> None:
    assert changes.with_value(bootstrap(), assignment) == bootstrap() | expected


@pytest.mark.parametrize(
    ("assignment", "said"),
    [
        ("deep", "not of the form PATH=VALUE"),
        ("=1", "not of the form PATH=VALUE"),
        ("list[c].x=1", "there is a, b"),
        ("list[7].x=1", "there is a, b"),
        ("deep.er.x=1", "no place for x"),
        ("deep.er.x.y=1", "nothing below x"),
    ],
)
def test_a_path_that_leads_nowhere_is_a_mistake(assignment: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        changes.with_value(bootstrap(), assignment)


def test_what_is_given_stays_as_it_was() -> None:
    original = bootstrap()

    changes.with_value(original, "deep.er=2")
    changes.patched(original, '{"deep": {"er": null}}', "f")

    assert original == bootstrap()


def test_a_patch_changes_adds_and_removes() -> None:
    patch = '{"deep": {"er": null, "new": [1]}, "list": 5}'

    assert changes.patched(bootstrap(), patch, "f") == {"deep": {"new": [1]}, "list": 5}


@given(_OBJECTS, _OBJECTS)
def test_a_patch_without_nulls_is_found_in_the_result(
    target: dict[str, Any], patch: dict[str, Any]
) -> None:
    result = changes.patched(target, json.dumps(patch), "f")

    assert changes.patched(result, json.dumps(patch), "f") == result
    assert target.keys() <= result.keys()


@pytest.mark.parametrize(("patch", "said"), [("{", "f is not JSON"), ("[]", "f holds no object")])
def test_what_is_no_patch_is_a_mistake(patch: str, said: str) -> None:
    with pytest.raises(DefinitionError, match=said):
        changes.patched({}, patch, "f")
