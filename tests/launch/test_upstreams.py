import pytest

from wasmctl.envoy.engines.base import TcpAddress
from wasmctl.errors import UsageError
from wasmctl.launch import upstreams


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("http://127.0.0.1:9000", "127.0.0.1", 9000),
        ("http://example.test", "example.test", 80),
        ("https://example.test/", "example.test", 443),
        ("grpcs://example.test", "example.test", 443),
        ("tcp://example.test:5432", "example.test", 5432),
        ("http://[::1]:80", "::1", 80),
    ],
)
def test_a_url_names_a_host_and_a_port(url: str, host: str, port: int) -> None:
    found = upstreams.parse("up", url)

    assert (found.host, found.port) == (host, port)


def test_localhost_is_the_loopback_address() -> None:
    found = upstreams.parse("up", "http://localhost:9000")

    assert found.address == TcpAddress(host="127.0.0.1", port=9000)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("example.test", "its scheme is none of"),
        ("ftp://example.test", "its scheme is none of"),
        ("http://", "it names no host"),
        ("http://a/path", "a path or a query has no place in it"),
        ("http://a:99999", "Port out of range"),
        ("tcp://a", "it names no port"),
        ("http://[::1", "Invalid IPv6 URL"),
    ],
)
def test_a_url_that_says_too_little_or_too_much_is_a_mistake(url: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        upstreams.parse("up", url)


@pytest.mark.parametrize("text", ["auth", "=http://a", ""])
def test_a_cluster_has_a_name(text: str) -> None:
    with pytest.raises(UsageError, match="not of the form NAME=URL"):
        upstreams.parse_named(text)
