"""Properties that a scenario gives, as they are written."""

import pytest

from wasmctl.host.given import Given
from wasmctl.testing import properties
from wasmctl.testing.blame import Blame
from wasmctl.testing.scalars import Value

METADATA = ["metadata", "filter_metadata", "ns", "key"]


@pytest.mark.parametrize(
    ("path", "value", "given"),
    [
        (METADATA, "a", "a"),
        (METADATA, 3, 3),
        (METADATA, 1.5, 1.5),
        (METADATA, True, True),
        (METADATA, {"a": [1, None]}, {"a": [1, None]}),
        (["filter_state", "a.b"], {"hex": "ff"}, b"\xff"),
        (["connection", "tls_version"], "TLSv1.3", "TLSv1.3"),
    ],
)
def test_a_property_keeps_its_type(path: Value, value: Value, given: Given) -> None:
    blame = Blame()

    (found,) = properties.read([{"path": path, "value": value}], blame)

    assert found == (tuple(path) if isinstance(path, list) else (), given)
    assert blame.wrongs == []


@pytest.mark.parametrize(
    ("written", "at", "message"),
    [
        ({}, (), "expected a list of properties, not an empty map"),
        (["a"], (0,), "expected {path: [part, …], value: …}, not a text"),
        ([{"path": ["a"]}], (0,), "expected {path: [part, …], value: …}, not a map"),
        ([{"path": "a.b", "value": 1}], (0, "path"), "expected a list of the path's parts, not"),
        ([{"path": METADATA, "value": None}], (0, "value"), "expected a value, not nothing"),
        ([{"path": ["a"], "value": 1}], (0, "path"), "no property can be given at 'a'"),
        ([{"path": METADATA, "value": {"hex": "f"}}], (0, "value", "hex"), "not hex: 'f'"),
    ],
)
def test_what_is_none_is_told_at_its_place(
    written: Value, at: tuple[str | int, ...], message: str
) -> None:
    blame = Blame()

    properties.read(written, blame)

    assert blame.wrongs[0].at == at
    assert blame.wrongs[0].message.startswith(message)
