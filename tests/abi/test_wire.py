"""The serialised forms, against the specification's words and against each other."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wasmctl.abi.wire import MAX_BYTES, MAX_PAIRS, decode_pairs, decode_path, encode_pairs

_PAIRS = st.lists(st.tuples(st.binary(max_size=20), st.binary(max_size=20)), max_size=20)


def test_pairs_are_their_count_their_lengths_and_themselves() -> None:
    serialised = encode_pairs(((b"a", b"bc"), (b"", b"")))

    assert serialised == struct.pack("<5I", 2, 1, 2, 0, 0) + b"a\0bc\0\0\0"


def test_no_pairs_are_their_count() -> None:
    assert encode_pairs(()) == b"\0\0\0\0"


@given(_PAIRS)
def test_what_is_encoded_is_decoded(pairs: list[tuple[bytes, bytes]]) -> None:
    assert decode_pairs(encode_pairs(tuple(pairs))) == tuple(pairs)


@given(_PAIRS, st.binary(min_size=1, max_size=4))
def test_bytes_behind_the_pairs_make_them_none(
    pairs: list[tuple[bytes, bytes]], rest: bytes
) -> None:
    assert decode_pairs(encode_pairs(tuple(pairs)) + rest) == ()


@given(_PAIRS.filter(len), st.data())
def test_pairs_that_are_cut_are_none(pairs: list[tuple[bytes, bytes]], data: st.DataObject) -> None:
    serialised = encode_pairs(tuple(pairs))
    size = data.draw(st.integers(0, len(serialised) - 1))

    assert decode_pairs(serialised[:size]) == ()


@given(st.binary(max_size=64))
def test_any_bytes_are_pairs_or_none(content: bytes) -> None:
    pairs = decode_pairs(content)

    assert pairs == () or encode_pairs(pairs) == content


def test_a_missing_nul_makes_them_none() -> None:
    serialised = encode_pairs(((b"a", b"b"),))

    assert decode_pairs(serialised.replace(b"a\0", b"a\1")) == ()


@pytest.mark.parametrize(("count", "expected"), [(MAX_PAIRS, MAX_PAIRS), (MAX_PAIRS + 1, 0)])
def test_too_many_pairs_are_none(count: int, expected: int) -> None:
    pairs = ((b"", b""),) * count

    assert len(decode_pairs(encode_pairs(pairs))) == expected


@pytest.mark.parametrize(("extra", "expected"), [(0, 1), (1, 0)])
def test_too_many_bytes_are_none(extra: int, expected: int) -> None:
    value = bytes(MAX_BYTES - 14 + extra)  # count, two lengths, two NULs

    assert len(decode_pairs(encode_pairs(((b"", value),)))) == expected


@pytest.mark.parametrize(
    ("serialised", "path"),
    [
        (b"request\0path", (b"request", b"path")),
        (b"request\0path\0", (b"request", b"path")),
        (b"request\0\0", (b"request", b"")),
        (b"one", (b"one",)),
        (b"", (b"",)),
    ],
)
def test_a_path_ends_at_its_nuls(serialised: bytes, path: tuple[bytes, ...]) -> None:
    assert decode_path(serialised) == path
