import pytest

from wasmctl.abi.types import Status
from wasmctl.host.clusters import outgoing
from wasmctl.host.hostcall import HostcallError, UnimplementedError
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


@pytest.mark.parametrize(
    ("whole", "once", "argument", "timeout"),
    [(50, None, 1000, 50), (None, 7, 1000, 7), (5, 7, 1000, 5), (None, 7, 0, 7), (0, None, 9, 0)],
)
def test_headers_may_say_the_timeout_and_go_no_further(
    whole: int | None, once: int | None, argument: int, timeout: int
) -> None:
    wanted = {
        b"x-envoy-upstream-rq-timeout-ms": whole,
        b"x-envoy-upstream-rq-per-try-timeout-ms": once,
    }
    own = tuple((name, b"%d" % value) for name, value in wanted.items() if value is not None)

    message, found = outgoing((*PSEUDO, *own, (b"x-envoy-max-retries", b"2")), b"", argument)

    told = ((b"x-envoy-expected-rq-timeout-ms", b"%d" % timeout),) if timeout else ()
    assert found == timeout
    assert message.headers[4:] == ((b"x-envoy-internal", b"true"), *told)


def test_a_callout_that_envoy_would_repeat_is_still_to_come() -> None:
    with pytest.raises(UnimplementedError, match="with x-envoy-retry-on"):
        outgoing((*PSEUDO, (b"x-envoy-retry-on", b"5xx")), b"", 0)


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


_SCHEMES: dict[tuple[Pair, ...], bytes] = {
    (): b"http",
    ((b":scheme", b"HTTPS"),): b"HTTPS",
    ((b":scheme", b"ftp"),): b"http",
    ((b":scheme", b"ftp"), (b"x-forwarded-proto", b"https")): b"https",
    ((b":scheme", b"http"), (b"x-forwarded-proto", b"https")): b"http",
    ((b"x-forwarded-proto", b"HTTPS"),): b"HTTPS",
    ((b"x-forwarded-proto", b"ftp"),): b"http",
}


@pytest.mark.parametrize("pairs", _SCHEMES)
def test_a_callout_has_a_scheme_that_is_one(pairs: tuple[Pair, ...]) -> None:
    message, _ = outgoing((*PSEUDO, *pairs), b"", 0)

    assert message.values(b":scheme") == (_SCHEMES[pairs],)
