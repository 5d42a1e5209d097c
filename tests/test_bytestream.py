"""Reading bytes in order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wasmctl.bytestream import ByteStream, MalformedError


def leb128(number: int) -> bytes:
    parts = []
    while number >= 0x80:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*parts, number])


@given(st.integers(0, 2**32 - 1))
def test_numbers_are_read_and_end_where_they_end(number: int) -> None:
    stream = ByteStream(leb128(number) + b"x")

    assert stream.u32() == number
    assert stream.byte() == ord("x")
    assert stream.at_end


@pytest.mark.parametrize(
    "content", [b"", b"\x80", b"\x80\x80\x80\x80\x80\x01", b"\xff\xff\xff\xff\x7f"]
)
def test_a_number_that_is_cut_or_too_large_is_malformed(content: bytes) -> None:
    with pytest.raises(MalformedError):
        ByteStream(content).u32()


@given(st.integers(0, 2**64 - 1))
def test_long_numbers_are_read(number: int) -> None:
    assert ByteStream(leb128(number)).long() == number


@pytest.mark.parametrize("content", [b"\x80" * 9, b"\x80" * 10 + b"\x01", leb128(2**64)])
def test_a_long_number_ends_at_64_bits(content: bytes) -> None:
    with pytest.raises(MalformedError):
        ByteStream(content).long()


def test_a_number_may_be_padded() -> None:
    assert ByteStream(b"\x81\x80\x80\x80\x00").u32() == 1


def test_a_part_is_a_stream_of_its_own() -> None:
    stream = ByteStream(b"abcd")

    part = stream.part(2)

    assert (part.byte(), part.byte(), stream.byte()) == (ord("a"), ord("b"), ord("c"))
    with pytest.raises(MalformedError):
        part.byte()


@pytest.mark.parametrize("size", [5, 2**32 - 1])
def test_a_part_cannot_be_larger_than_what_is_left(size: int) -> None:
    with pytest.raises(MalformedError, match="promised"):
        ByteStream(b"abcd").part(size)


def test_a_list_cannot_have_more_entries_than_bytes_are_left() -> None:
    with pytest.raises(MalformedError, match="too long"):
        ByteStream(leb128(4) + b"abc").count()


def test_a_text_is_its_length_and_utf_8() -> None:
    assert ByteStream(b"\x03\xe2\x82\xac").text() == "\u20ac"


def test_a_text_that_is_no_utf_8_is_a_decoding_error() -> None:
    with pytest.raises(UnicodeDecodeError):
        ByteStream(b"\x01\xff").text()


@pytest.mark.parametrize("content", [b"\x00\x01", b"\x01\x01\x02", b"\x05\x80\x01\x80\x02"])
def test_limits_are_passed_over(content: bytes) -> None:
    stream = ByteStream(content)

    stream.limits()

    assert stream.at_end
