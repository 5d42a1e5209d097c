import pytest

from wasmctl.testing import bodies
from wasmctl.testing.blame import Blame
from wasmctl.testing.scalars import Value


@pytest.mark.parametrize(
    ("written", "chunks"),
    [
        ("hällo", ("hällo".encode(),)),
        (5, (b"5",)),
        ("", ()),
        (None, ()),
        ({"text": "a"}, (b"a",)),
        ({"json": {"a": [1, None, "é"]}}, ('{"a":[1,null,"é"]}'.encode(),)),
        ({"json": None}, (b"null",)),
        ({"base64": "/w=="}, (b"\xff",)),
        ({"hex": "00 ff"}, (b"\x00\xff",)),
        ({"chunks": ["a", {"hex": "ff"}, ""]}, (b"a", b"\xff", b"")),
    ],
)
def test_each_form_gives_its_bytes(written: Value, chunks: tuple[bytes, ...]) -> None:
    blame: Blame = []

    assert bodies.read(written, blame) == chunks
    assert not blame


@pytest.mark.parametrize(
    ("written", "at", "message"),
    [
        (["a"], (), "expected a text, {base64: …} or {hex: …}, not a list"),
        ({"jsno": 1}, ("jsno",), "unknown key 'jsno'; did you mean 'json'?"),
        ({"text": "a", "hex": "b"}, (), "a body is written in one way: one of"),
        ({}, (), "a body is written in one way: one of"),
        ({"chunks": "a"}, ("chunks",), "expected a list, not a text"),
        ({"chunks": ["a", {"hex": "x"}]}, ("chunks", 1, "hex"), "not hex: 'x'"),
        ({"hex": ["00"]}, ("hex",), "expected a text, not a list"),
        ({"base64": 1}, ("base64",), "not base64: '1'"),
    ],
)
def test_a_slip_is_one_mistake_with_its_place(
    written: Value, at: tuple[str | int, ...], message: str
) -> None:
    blame: Blame = []

    bodies.read(written, blame)

    assert [wrong.at for wrong in blame] == [at]
    assert blame[0].message.startswith(message)
