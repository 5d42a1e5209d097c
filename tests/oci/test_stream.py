from collections.abc import Iterator

import pytest

from wasmctl.errors import DeadlineError, ImageRefusedError, RegistryError
from wasmctl.oci.digests import digest_of
from wasmctl.oci.manifest import Descriptor
from wasmctl.oci.stream import BlobStream, Readable, taken, whole

_EXPECTED = Descriptor(media_type="text/plain", digest=digest_of(b"content"), size=7)


def _stream(*chunks: bytes) -> BlobStream:
    return BlobStream(chunks, _EXPECTED, "here")


def test_pieces_become_a_whole() -> None:
    assert taken(_stream(b"con", b"t", b"ent"), whole) == b"content"


def test_what_is_read_may_be_less_than_what_comes() -> None:
    stream = _stream(b"content")

    assert [stream.read(3), stream.read(3), stream.read(3), stream.read(3)] == [
        b"con",
        b"ten",
        b"t",
        b"",
    ]


@pytest.mark.parametrize("content", [b"contenT", b"content"[:-1], b""])
def test_other_bytes_than_those_named_are_refused(content: bytes) -> None:
    with pytest.raises(ImageRefusedError, match=f"here delivered {len(content)} bytes"):
        taken(_stream(content), whole)


def test_bytes_that_nobody_read_are_checked_too() -> None:
    with pytest.raises(ImageRefusedError, match="here delivered 7 bytes"):
        taken(_stream(b"con", b"TENT"), lambda stream: stream.read(3))


def test_more_bytes_than_named_are_not_read_on() -> None:
    with pytest.raises(ImageRefusedError, match="more than the 7 bytes expected"):
        taken(_stream(b"content", b" and more", b" and more"), whole)


def test_damage_explains_what_was_found_in_it() -> None:
    def refuse(_stream: Readable) -> None:
        raise ImageRefusedError("no archive", hint="")

    with pytest.raises(ImageRefusedError, match="here delivered 7 bytes"):
        taken(_stream(b"CONTENT"), refuse)


def test_a_failure_with_the_right_bytes_is_told_as_it_is() -> None:
    def fail(_stream: Readable) -> None:
        raise RegistryError("something else", hint="")

    with pytest.raises(RegistryError, match="something else"):
        taken(_stream(b"content"), fail)


def test_bytes_that_never_came_are_not_called_damaged() -> None:
    def stalling() -> Iterator[bytes]:
        yield b"con"
        raise DeadlineError("no more came", hint="")

    with pytest.raises(DeadlineError, match="no more came"):
        taken(BlobStream(stalling(), _EXPECTED, "here"), whole)
