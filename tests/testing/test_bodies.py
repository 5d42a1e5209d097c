from pathlib import Path

import pytest

from wasmctl.testing import bodies
from wasmctl.testing.blame import Blame
from wasmctl.testing.neighbours import Neighbours
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
        ({"file": "a.bin"}, (b"\xfe\xff",)),
        ({"fill": "ab", "size": 5}, (b"ababa",)),
        ({"fill": "ab", "size": 0}, ()),
        ({"chunks": [{"fill": {"hex": "00"}, "size": 2}]}, (b"\0\0",)),
        ({"text": "abcdef", "split": {"size": 4}}, (b"abcd", b"ef")),
        ({"text": "abcdef", "split": {"count": 4}}, (b"a", b"bc", b"d", b"ef")),
        ({"text": "abc", "split": {"count": 9}}, (b"a", b"b", b"c")),
        ({"text": "abcdef", "split": {"at": [5, 1, 99]}}, (b"a", b"bcde", b"f")),
        ({"fill": "a", "size": 3, "split": {"size": 1}}, (b"a", b"a", b"a")),
    ],
)
def test_each_form_gives_its_bytes(
    tmp_path: Path, written: Value, chunks: tuple[bytes, ...]
) -> None:
    (tmp_path / "a.bin").write_bytes(b"\xfe\xff")
    blame = Blame(neighbours=Neighbours(folder=tmp_path, root=tmp_path))

    assert bodies.read(written, blame).chunks == chunks
    assert not blame.wrongs


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
        ({"file": "a"}, ("file",), "no file can be named here"),
        ({"file": 1}, ("file",), "expected the name of a file, not a number"),
        ({"fill": "a"}, (), "a body is written in one way: one of"),
        ({"fill": "", "size": 1}, ("fill",), "expected something to fill with"),
        ({"fill": "a", "size": -1}, ("size",), "expected a whole number from 0 to 16,777,216"),
        ({"fill": "a", "size": 1 << 40}, ("size",), "expected a whole number from 0 to 16,777,216"),
        ({"text": "a", "split": 3}, ("split",), "expected a map with one of count, size, at"),
        (
            {"text": "a", "split": {"count": 0}},
            ("split", "count"),
            "expected a whole number from 1",
        ),
        ({"text": "a", "split": {"at": []}}, ("split", "at"), "expected a list of places, not an"),
        ({"text": "a", "split": {"at": ["x"]}}, ("split", "at", 0), "expected a whole number"),
        (
            {"fill": "a", "size": 100_000, "split": {"size": 1}},
            ("split",),
            "100,000 chunks; at most 10,000 are sent",
        ),
    ],
)
def test_a_slip_is_one_mistake_with_its_place(
    written: Value, at: tuple[str | int, ...], message: str
) -> None:
    blame = Blame()

    bodies.read(written, blame)

    assert [wrong.at for wrong in blame.wrongs] == [at]
    assert blame.wrongs[0].message.startswith(message)
