import pytest

from wasmctl.abi.types import Status
from wasmctl.host.clusters import outgoing
from wasmctl.host.hostcall import HostcallError
from wasmctl.messages import Pair

PSEUDO = ((b":method", b"GET"), (b":path", b"/c"), (b":authority", b"auth"))


def test_a_callout_leaves_as_envoy_writes_it() -> None:
    message, timeout = outgoing((*PSEUDO, (b"A", b"1"), (b"a", b"2")), b"hello", 1000)

    assert message.headers == (
        *PSEUDO,
        (b":scheme", b"http"),
        (b"a", b"1"),
        (b"a", b"2"),
        (b"content-length", b"5"),
        (b"x-envoy-internal", b"true"),
        (b"x-envoy-expected-rq-timeout-ms", b"1000"),
    )
    assert (message.chunks, timeout) == ((b"hello",), 1000)


def test_without_a_body_or_a_timeout_neither_is_told() -> None:
    pairs = ((b"host", b"auth"), (b":path", b"/p"), (b":method", b"POST"), (b":scheme", b"https"))

    message, _ = outgoing(pairs, b"", 0)

    assert message.headers == ((b":authority", b"auth"), *pairs[1:], (b"x-envoy-internal", b"true"))


def test_what_the_plugin_says_itself_keeps_its_place() -> None:
    own = (
        (b"accept", b"1"),
        (b"content-length", b"99"),
        (b"x-envoy-internal", b"no"),
        (b"x-envoy-expected-rq-timeout-ms", b"7"),
        (b"x-forwarded-for", b"1.1.1.1"),
        (b"accept", b"2"),
    )

    message, _ = outgoing((*PSEUDO, *own), b"body!", 10)

    assert message.headers[4:] == (
        (b"accept", b"1,2"),
        (b"content-length", b"5"),
        (b"x-envoy-internal", b"true"),
        (b"x-envoy-expected-rq-timeout-ms", b"10"),
        (b"x-forwarded-for", b"1.1.1.1"),
    )


def test_a_header_may_say_the_timeout_and_goes_no_further() -> None:
    message, timeout = outgoing((*PSEUDO, (b"x-envoy-upstream-rq-timeout-ms", b"50")), b"", 1000)

    assert timeout == 50
    assert message.headers[4:] == (
        (b"x-envoy-internal", b"true"),
        (b"x-envoy-expected-rq-timeout-ms", b"50"),
    )


@pytest.mark.parametrize(
    ("pairs", "reason"),
    [
        (PSEUDO[1:], "the 2 headers have no :method"),
        (PSEUDO[:1], "the 1 headers have no :path and no :authority"),
        ((), "the headers, which are none, have no :method and no :path and no :authority"),
    ],
    ids=["one", "two", "all"],
)
def test_a_callout_without_a_pseudo_header_is_refused(pairs: tuple[Pair, ...], reason: str) -> None:
    with pytest.raises(HostcallError, match=reason) as caught:
        outgoing(pairs, b"", 0)

    assert caught.value.status is Status.BAD_ARGUMENT
