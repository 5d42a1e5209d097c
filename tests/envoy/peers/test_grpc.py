from hypothesis import given
from hypothesis import strategies as st

from wasmctl import messages
from wasmctl.envoy.peers import grpc
from wasmctl.envoy.peers.grpc import Call, Status


def test_a_message_has_a_prefix_of_five_bytes() -> None:
    assert grpc.frame(b"abc") == b"\x00\x00\x00\x00\x03abc"
    assert grpc.frame(b"", is_compressed=True) == b"\x01\x00\x00\x00\x00"


@given(st.lists(st.binary()))
def test_messages_are_read_as_they_were_framed(contents: list[bytes]) -> None:
    assert grpc.call(grpc.request("s", "m", *contents)).messages == tuple(contents)


def test_an_unfinished_message_is_left_over() -> None:
    body = (grpc.frame(b"a"), b"\x00\x00\x00\x00\x09half")

    assert grpc.call(messages.response(chunks=body)) == Call(messages=(b"a",), rest=body[1])


@given(st.integers(0, 16), st.binary())
def test_a_status_is_read_as_it_was_told(status: int, text: bytes) -> None:
    answers = (grpc.response(b"x", status=status, text=text), grpc.failure(status, text))

    assert {(grpc.call(answer).status, grpc.call(answer).text) for answer in answers} == {
        (status, text)
    }


def test_a_failure_is_headers_alone() -> None:
    failure = grpc.failure(Status.NOT_FOUND, b"50% gone\n")

    assert not failure.trailers
    assert failure.values(b"grpc-status") == (b"5",)
    assert failure.values(b"grpc-message") == (b"50%25 gone%0A",)


def test_metadata_stand_where_they_belong() -> None:
    answer = grpc.response(b"", initial=((b"a", b"1"),), trailing=((b"b", b"2"),))

    assert answer.headers[-1] == (b"a", b"1")
    assert answer.trailers == ((b"grpc-status", b"0"), (b"b", b"2"))


def test_a_call_without_a_status_has_none() -> None:
    assert grpc.call(messages.response(200)).status is None
