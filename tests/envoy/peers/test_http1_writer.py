import pytest

from wasmctl import messages
from wasmctl.envoy.peers import scripts
from wasmctl.envoy.peers.http1_writer import Http1Writer
from wasmctl.envoy.peers.parts import Data, Headers, Script
from wasmctl.messages import Message

_LENGTH = ((b"content-length", b"2"),)


def _written(script: Script) -> list[bytes]:
    writer = Http1Writer()
    headers = [writer.headers(part) for part in script if isinstance(part, Headers)][:1]
    rest = [part for part in script if not isinstance(part, Headers)]
    return headers + [writer.data(part) for part in rest if isinstance(part, Data)]


def test_a_request_names_its_host_first() -> None:
    request = messages.request("/a?b", headers=((b"X-Case", b"\xff"),))

    assert _written(scripts.cut(request)) == [
        b"GET /a?b HTTP/1.1\r\nhost: example.test\r\nX-Case: \xff\r\n\r\n"
    ]


def test_a_request_without_an_authority_has_no_host() -> None:
    request = Message(headers=((b":method", b"GET"), (b":path", b"/")))

    assert _written(scripts.cut(request)) == [b"GET / HTTP/1.1\r\n\r\n"]


def test_a_body_without_a_length_is_chunked() -> None:
    reply = messages.response(200, chunks=(b"abc", bytes(16)))

    head, *chunks = _written(scripts.cut(reply))

    assert head == b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    assert chunks == [b"3\r\nabc\r\n", b"10\r\n" + bytes(16) + b"\r\n0\r\n\r\n"]


def test_a_body_with_a_length_is_written_as_it_is_even_where_it_is_wrong() -> None:
    reply = messages.response(200, headers=_LENGTH, chunks=(b"a", b"bc"))

    assert _written(scripts.cut(reply))[1:] == [b"a", b"bc"]


def test_an_empty_piece_does_not_end_a_chunked_body() -> None:
    reply = messages.response(200, chunks=(b"", b"a"))

    assert _written(scripts.cut(reply))[1:] == [b"", b"1\r\na\r\n0\r\n\r\n"]


def test_trailers_come_after_the_last_chunk() -> None:
    writer = Http1Writer()
    writer.headers(Headers(pairs=messages.response(200).headers))

    assert writer.headers(Headers(pairs=((b"x-sum", b"1"),))) == b"0\r\nx-sum: 1\r\n\r\n"


@pytest.mark.parametrize(
    ("status", "fields"), [(200, b"content-length: 0\r\n"), (204, b""), (304, b"")]
)
def test_a_response_without_a_body_says_so_where_it_has_to(status: int, fields: bytes) -> None:
    (head,) = _written(scripts.cut(messages.response(status)))

    assert head.partition(b"\r\n")[2] == fields + b"\r\n"


def test_an_interim_response_is_followed_by_the_response() -> None:
    writer = Http1Writer()

    interim = writer.headers(Headers(pairs=((b":status", b"103"), (b"link", b"x"))))
    final = writer.headers(Headers(pairs=((b":status", b"299"),), end=True))

    assert interim == b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n"
    assert final == b"HTTP/1.1 299 \r\ncontent-length: 0\r\n\r\n"


@pytest.mark.parametrize(("pairs", "closes"), [(((b"Connection", b"Close"),), True), ((), False)])
def test_a_message_may_end_its_connection(
    pairs: tuple[messages.Pair, ...], *, closes: bool
) -> None:
    writer = Http1Writer()

    writer.headers(Headers(pairs=messages.response(200, headers=pairs).headers))

    assert writer.closes is closes
