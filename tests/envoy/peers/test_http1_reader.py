import h11
import pytest

from wasmctl.envoy.peers import http1_reader
from wasmctl.envoy.peers.http1_reader import BrokenError, Http1Reader

_OK = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n"


def _reader(*, is_client: bool = True) -> Http1Reader:
    return Http1Reader(is_client=is_client)


@pytest.mark.parametrize(
    ("answer", "keeps"),
    [
        (_OK + b"\r\n", True),
        (_OK + b"connection: close\r\n\r\n", False),
        (b"HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n", False),
    ],
)
def test_an_answer_tells_whether_its_connection_is_kept(answer: bytes, *, keeps: bool) -> None:
    reader = _reader()

    list(reader.feed(answer))

    assert reader.keeps is keeps


def test_requests_are_read_one_after_the_other() -> None:
    events = _reader(is_client=False).feed(b"GET /a HTTP/1.1\r\nhost: x\r\n\r\n" * 2)

    assert [type(event) for event in events] == [h11.Request, h11.EndOfMessage] * 2


def test_pairs_are_as_they_were_written() -> None:
    text = b"GET /a HTTP/1.1\r\nX-A: \xff\r\nHost: x\r\nx-a: 2\r\n\r\n"

    request = next(_reader(is_client=False).feed(text))

    assert isinstance(request, h11.Request)
    assert http1_reader.request_pairs(request) == (
        (b":method", b"GET"),
        (b":authority", b"x"),
        (b":path", b"/a"),
        (b"X-A", b"\xff"),
        (b"x-a", b"2"),
    )


def test_a_body_without_a_length_ends_with_the_connection() -> None:
    reader = _reader()
    begun = list(reader.feed(b"HTTP/1.1 200 OK\r\n\r\nabc"))

    ended = list(reader.feed(b""))

    assert [type(event) for event in begun] == [h11.Response, h11.Data]
    assert isinstance(ended[0], h11.EndOfMessage)


@pytest.mark.parametrize("text", [b"nonsense\r\n\r\n", b"HTTP/1.1 OK\r\n\r\n"])
def test_what_is_not_http1_is_refused(text: bytes) -> None:
    with pytest.raises(BrokenError):
        list(_reader().feed(text))
