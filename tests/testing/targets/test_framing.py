"""How connections cut what is sent."""

from wasmctl import messages, outcomes
from wasmctl.messages import Message
from wasmctl.testing.targets import framing
from wasmctl.testing.targets.base import Sending


def framed(message: Message, *, version: str = "1.1", gap: int = 0) -> Message:
    origin = outcomes.reply(messages.response())
    return framing.request(Sending(request=message, origin=origin, version=version, gap=gap))


def test_in_http2_only_what_is_larger_than_a_frame_is_cut() -> None:
    small = messages.request("/", chunks=(b"a", b"b"))
    large = messages.request("/", chunks=(b"x" * 40_000,))

    assert framed(small, version="2") == small
    assert [len(chunk) for chunk in framed(large, version="2").chunks] == [16384, 16384, 7232]


def test_in_http1_chunks_are_joined_and_the_end_comes_alone() -> None:
    assert framed(messages.request("/", chunks=(b"a", b"b"))).chunks == (b"ab", b"")
    assert framed(messages.request("/", chunks=(b"a", b"b")), gap=1).chunks == (b"a", b"b", b"")
    assert framed(messages.request("/")).chunks == ()


def test_in_http1_trailers_are_the_end() -> None:
    message = messages.request("/", chunks=(b"a",), trailers=((b"t", b"v"),))

    assert framed(message).chunks == (b"a",)


def test_in_http1_the_host_field_comes_first() -> None:
    names = [name for name, _ in framed(messages.request("/")).headers]

    assert names == [b":authority", b":path", b":method", b":scheme"]


def test_an_answer_in_http1_tells_its_length() -> None:
    def told(message: Message) -> Message | None:
        return framing.origin(outcomes.reply(message), "1.1").message

    bare = messages.response(204)
    long = messages.response(200, chunks=(b"a",))
    known = messages.response(200, headers=((b"content-length", b"1"),), chunks=(b"a",))

    assert told(bare) == messages.response(204, headers=((b"content-length", b"0"),))
    assert told(long) == messages.response(
        200, headers=((b"transfer-encoding", b"chunked"),), chunks=(b"a", b"")
    )
    assert told(known) == messages.response(200, headers=known.headers[1:], chunks=(b"a", b""))


def test_the_limit_of_a_body_is_that_of_its_window() -> None:
    assert framing.buffer_limit(None) is None
    assert framing.buffer_limit(1) == 65_535
    assert framing.buffer_limit(100_000) == 100_000
