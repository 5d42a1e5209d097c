import pytest

from wasmctl.host import protobuf
from wasmctl.host.protobuf import MalformedError


def test_what_is_written_is_read() -> None:
    content = protobuf.number(1, 300) + protobuf.text(2, b"text") + protobuf.truth(3, value=False)

    assert protobuf.read(content) == {1: 300, 2: b"text", 3: 0}


def test_of_a_field_that_comes_twice_the_last_counts() -> None:
    assert protobuf.read(protobuf.text(1, b"a") + protobuf.text(1, b"b")) == {1: b"b"}


def test_what_is_nothing_is_not_written() -> None:
    assert protobuf.number(1, 0) + protobuf.text(2, b"") == b""
    assert protobuf.part(2, b"") == b"\x12\0"


def test_numbers_of_fixed_size_are_skipped() -> None:
    content = protobuf.double(1, 1.5) + b"\x15abcd" + protobuf.number(3, 7)

    assert protobuf.read(content) == {3: 7}


@pytest.mark.parametrize(
    "content",
    [b"\xff", b"\x0a\x05abc", b"\x0b", b"\x00\x00", b"\x08" + b"\xff" * 11, b"\x09abc"],
    ids=["unfinished", "too long", "a group", "field 0", "endless", "too short"],
)
def test_what_is_no_message_is_refused(content: bytes) -> None:
    with pytest.raises(MalformedError):
        protobuf.read(content)
