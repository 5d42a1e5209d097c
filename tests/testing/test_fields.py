import pytest

from wasmctl.testing import fields
from wasmctl.testing.blame import Blame
from wasmctl.testing.fields import Fields
from wasmctl.testing.scalars import Value


def read(value: Value) -> Fields:
    blame = Blame()
    found = fields.read(value, blame)
    assert not blame.wrongs
    return found


def test_a_map_gives_each_field_its_value() -> None:
    assert read({"X-A": "1", "x-b": 2}) == ((b"x-a", b"1"), (b"x-b", b"2"))


def test_a_list_repeats_the_field() -> None:
    assert read({"x-a": ["1", "2"]}) == ((b"x-a", b"1"), (b"x-a", b"2"))


def test_pairs_keep_their_order() -> None:
    assert read([["a", 1], ["b", 2], ["a", 3]]) == ((b"a", b"1"), (b"b", b"2"), (b"a", b"3"))


def test_a_value_may_be_any_bytes() -> None:
    assert read({"a": {"base64": "/w=="}, "b": [{"hex": "fe ff"}]}) == (
        (b"a", b"\xff"),
        (b"b", b"\xfe\xff"),
    )


def test_own_fields_replace_the_defaults_of_their_name() -> None:
    defaults = ((b"a", b"1"), (b"b", b"2"), (b"a", b"3"))

    assert fields.merged(defaults, read({"a": "9"})) == ((b"b", b"2"), (b"a", b"9"))


@pytest.mark.parametrize("nothing", [None, []])
def test_a_field_without_value_is_not_sent(nothing: Value) -> None:
    assert fields.merged(((b"a", b"1"),), read({"a": nothing})) == ()


@pytest.mark.parametrize(
    ("value", "at", "message"),
    [
        ("a", (), "expected a map of fields, not a text"),
        ({":path": "/"}, (":path",), "':path' has a key of its own beside headers: path"),
        ({"a b": "1"}, ("a b",), "'a b' is not a field name"),
        ({"": "1"}, ("",), "'' is not a field name"),
        ({"Connection": "close"}, ("Connection",), "'Connection' describes a connection;"),
        ({"a": {"x": 1}}, ("a",), "expected a text, {base64: …} or {hex: …}, not a map"),
        ({"a": ["b", {"hex": "x"}]}, ("a", 1, "hex"), "not hex: 'x'"),
        ({"a": "b\r\nc: d"}, ("a",), "a field value has no NUL and no line break"),
        ([["a"]], (0,), "expected a pair [name, value], not a list"),
        ([["a", None]], (0, 1), "expected a text, {base64: …} or {hex: …}, not nothing"),
    ],
)
def test_a_slip_is_one_mistake_with_its_place(
    value: Value, at: tuple[str | int, ...], message: str
) -> None:
    blame = Blame()

    fields.read(value, blame)

    assert [wrong.at for wrong in blame.wrongs] == [at]
    assert blame.wrongs[0].message.startswith(message)
