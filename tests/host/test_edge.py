"""What Envoy itself adds, checks and answers."""

import pytest

from wasmctl import messages
from wasmctl.host import edge, local_reply
from wasmctl.host.header_map import HeaderMap, MapKind
from wasmctl.messages import Pair

GET = messages.request("/")
GRPC = messages.request("/", method="POST", headers=((b"content-type", b"application/grpc"),))


def test_the_scheme_is_told_last() -> None:
    headers = edge.admit(messages.request("/", headers=((b"x-a", b"1"),)))

    assert headers.pairs[-2:] == ((b"x-a", b"1"), (b"x-forwarded-proto", b"http"))


def test_a_scheme_told_before_is_kept() -> None:
    headers = edge.admit(messages.request("/", headers=((b"x-forwarded-proto", b"https"),)))

    assert headers.values(b"x-forwarded-proto") == (b"https",)


def test_cookies_that_http2_cut_up_are_joined_at_the_end() -> None:
    given = ((b"cookie", b"a=1"), (b"x-a", b"1"), (b"cookie", b"b=2"))

    headers = edge.admit(messages.request("/", headers=given))

    assert headers.pairs[4:] == (
        (b"x-a", b"1"),
        (b"cookie", b"a=1; b=2"),
        (b"x-forwarded-proto", b"http"),
    )


@pytest.mark.parametrize("removed", [b":path", b"x-forwarded-proto"])
def test_a_request_without_path_or_scheme_finds_no_route(removed: bytes) -> None:
    headers = edge.admit(GET)
    headers.remove(removed)

    assert edge.find_route(headers) is local_reply.NO_ROUTE


def test_a_request_without_method_is_refused() -> None:
    headers = edge.admit(GET)
    headers.remove(b":method")

    refusal = edge.prepare_request(headers)

    assert refusal
    assert refusal.status == 503
    assert refusal.body == b"missing required header: :method"
    assert refusal.details == (
        "filter_removed_required_request_headers{missing_required_header:_:method}"
    )


@pytest.mark.parametrize(
    ("pair", "body"),
    [
        ((b"bad name", b"v"), b"invalid header name: bad name"),
        ((b"n\xe4me", b"v"), b"invalid header name: n\xe4me"),
        ((b"name", b"a\r\nb"), b"invalid header value for: name"),
        ((b"name", b"a\0"), b"invalid header value for: name"),
    ],
)
def test_headers_no_upstream_may_get_are_refused(pair: Pair, body: bytes) -> None:
    headers = edge.admit(GET)
    headers.add(*pair)

    refusal = edge.prepare_request(headers)

    assert refusal
    assert (refusal.status, refusal.body) == (503, body)


@pytest.mark.parametrize("pair", [(b"", b"v"), (b":foo", b"v"), (b"name", b"\x80\xff")])
def test_odd_headers_pass(pair: Pair) -> None:
    headers = edge.admit(GET)
    headers.add(*pair)

    assert edge.prepare_request(headers) is None


def test_a_removed_scheme_comes_back_and_a_removed_authority_does_not() -> None:
    headers = edge.admit(GET)
    headers.remove(b":scheme")
    headers.remove(b":authority")

    assert edge.prepare_request(headers) is None
    assert headers.pairs[2] == (b":scheme", b"http")
    assert headers.get(b":authority") is None


@pytest.mark.parametrize("status", [None, b"abc", b""])
def test_a_response_without_a_number_is_refused(status: bytes | None) -> None:
    headers = HeaderMap(MapKind.RESPONSE_HEADERS)
    if status is not None:
        headers.add(b":status", status)

    refusal = edge.check_response(headers)

    assert refusal
    assert (refusal.status, refusal.body) == (502, b"missing required header: :status")


def test_a_response_gets_a_date_if_it_has_none() -> None:
    headers = HeaderMap(MapKind.RESPONSE_HEADERS, ((b":status", b"200"),))

    edge.finish(headers, 0)
    edge.finish(headers, 100)

    assert headers.values(b"date") == (b"Thu, 01 Jan 1970 00:00:00 GMT",)
