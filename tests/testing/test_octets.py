from hypothesis import given
from hypothesis import strategies as st

from wasmctl.testing import octets
from wasmctl.testing.blame import Blame


@given(st.binary())
def test_bytes_are_text_and_back_without_loss(content: bytes) -> None:
    assert octets.as_bytes(octets.as_text(content)) == content


@given(st.binary())
def test_what_is_encoded_is_decoded(content: bytes) -> None:
    blame = Blame()

    assert octets.read({"hex": content.hex(" ")}, (), blame) == content
    assert not blame.wrongs


def test_a_number_is_the_text_that_was_written() -> None:
    assert octets.read(5, (), Blame()) == b"5"
