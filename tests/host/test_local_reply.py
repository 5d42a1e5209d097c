"""Responses that no upstream made."""

import pytest

from wasmctl import messages
from wasmctl.host import local_reply
from wasmctl.host.local_reply import LocalReply

GET = messages.request("/")
GRPC = messages.request("/", method="POST", headers=((b"content-type", b"application/grpc"),))


def test_a_local_reply_has_its_length_and_type() -> None:
    headers, body = local_reply.compose(LocalReply(status=403, body=b"no"), GET)

    assert headers.pairs == (
        (b":status", b"403"),
        (b"content-length", b"2"),
        (b"content-type", b"text/plain"),
    )
    assert body == b"no"


def test_a_local_reply_keeps_its_own_headers_but_status_and_length() -> None:
    given = (
        (b"Content-Length", b"9"),
        (b"X-A", b"1"),
        (b":status", b"500"),
        (b"content-type", b"a/b"),
    )

    headers, _ = local_reply.compose(LocalReply(status=403, body=b"no", headers=given), GET)

    assert headers.pairs == (
        (b":status", b"403"),
        (b"content-length", b"2"),
        (b"x-a", b"1"),
        (b"content-type", b"a/b"),
    )


def test_a_local_reply_without_a_body_says_nothing_of_one() -> None:
    given = ((b"content-type", b"a/b"), (b"x-a", b"1"), (b"content-length", b"9"))

    headers, body = local_reply.compose(LocalReply(status=403, headers=given), GET)

    assert headers.pairs == ((b":status", b"403"), (b"x-a", b"1"))
    assert body == b""


def test_a_local_reply_to_head_keeps_the_length_and_no_body() -> None:
    head = messages.request("/", method="HEAD")

    headers, body = local_reply.compose(LocalReply(status=403, body=b"no"), head)

    assert headers.get(b"content-length") == b"2"
    assert body == b""


@pytest.mark.parametrize(
    ("status", "grpc_status", "expected"),
    [(403, None, b"7"), (200, 16, b"16"), (403, 99, b"7"), (418, None, b"2"), (503, 0, b"0")],
)
def test_a_local_reply_to_a_grpc_call_is_headers_alone(
    status: int, grpc_status: int | None, expected: bytes
) -> None:
    reply = LocalReply(status=status, body=b"50 %\n", grpc_status=grpc_status)

    headers, body = local_reply.compose(reply, GRPC)

    assert headers.pairs == (
        (b":status", b"200"),
        (b"content-type", b"application/grpc"),
        (b"grpc-status", expected),
        (b"grpc-message", b"50 %25%0A"),
    )
    assert body == b""
