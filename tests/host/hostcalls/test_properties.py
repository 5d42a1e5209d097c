"""Property hostcalls: the attributes of Envoy 1.40 in each phase."""

import struct

import pytest

from tests.host.conftest import Start
from tests.host.plugins import OUT, VALUE, Statement, plugin
from tests.host.texts import texts
from wasmctl import messages
from wasmctl.host import Host

REQUEST = messages.request(
    "/a/b?c=d&e",
    method="POST",
    headers=((b"x", b"1"), (b"x", b"2"), (b"user-agent", b"ua"), (b"x-request-id", b"abc")),
    chunks=(b"hello",),
)
REPLY = messages.response(headers=((b"date", b"now"),), chunks=(b"hello",))


def number(value: int) -> str:
    return struct.pack("<Q", value).decode(errors="replace")


def read(path: str) -> list[Statement]:
    clear = "(i64.store (i32.const 16) (i64.const 0))"
    name = path.replace(".", "\0").encode()
    return [clear, ("?proxy_get_property", name, *OUT), VALUE]


def values(start: Start, phase: str, *paths: str) -> list[str]:
    """The status and the value of each path, one after the other."""
    calls = [call for path in paths for call in read(path)]
    host: Host = start(plugin({phase: calls}), name="plug", root_id="root", vm_id="vm")
    host.http(REQUEST, REPLY)
    return texts(host)


_OF_HEADERS = {
    "request.path": "/a/b?c=d&e",
    "request.url_path": "/a/b",
    "request.query": "c=d&e",
    "request.host": "example.test",
    "request.scheme": "http",
    "request.method": "POST",
    "request.headers.x": "1,2",
    "request.headers.X-Request-Id": "abc",
    "request.id": "abc",
    "request.useragent": "ua",
}


@pytest.mark.parametrize("path", _OF_HEADERS)
@pytest.mark.parametrize("phase", ["request_headers", "log"])
def test_what_is_of_the_request_headers_is_there_with_them(
    start: Start, path: str, phase: str
) -> None:
    assert values(start, phase, path) == ["00", _OF_HEADERS[path]]


@pytest.mark.parametrize("path", _OF_HEADERS)
def test_what_is_of_the_request_headers_is_gone_without_them(start: Start, path: str) -> None:
    assert values(start, "response_headers", path) == ["01", ""]


_IN_PHASES = {
    ("request_headers", "request.referer"): ["01", ""],
    ("request_headers", "request.protocol"): ["00", "HTTP/2"],
    ("request_headers", "request.time"): ["00", number(1767225600 * 10**9)],
    ("request_headers", "request.duration"): ["01", ""],
    ("log", "request.duration"): ["00", number(0)],
    ("request_headers", "request.size"): ["00", number(0)],
    ("request_body", "request.size"): ["00", number(5)],
    ("request_body", "request.total_size"): ["00", number(5)],
    ("request_body", "request.headers"): ["00", "\0\0\0\0"],
    ("request_headers", "response.code"): ["01", ""],
    ("response_headers", "response.code"): ["00", number(200)],
    ("request_headers", "response.code_details"): ["01", ""],
    ("response_headers", "response.code_details"): ["00", "via_upstream"],
    ("response_headers", "response.flags"): ["00", number(0)],
    ("request_headers", "response.grpc_status"): ["01", ""],
    ("response_headers", "response.grpc_status"): ["00", number(2)],
    ("response_headers", "response.headers.date"): ["00", "now"],
    ("response_headers", "response.trailers"): ["00", "\0\0\0\0"],
    ("response_headers", "response.size"): ["00", number(0)],
    ("log", "response.size"): ["00", number(5)],
    ("response_headers", "response.total_size"): ["00", number(17)],
    ("log", "response.total_size"): ["00", number(22)],
    ("request_headers", "connection.mtls"): ["00", "\0"],
    ("request_headers", "connection.requested_server_name"): ["00", ""],
    ("request_headers", "connection.termination_details"): ["01", ""],
    ("request_headers", "source.address"): ["00", "127.0.0.1:40000"],
    ("request_headers", "source.port"): ["00", number(40000)],
    ("request_headers", "destination.port"): ["00", number(10000)],
    ("request_headers", "connection_id"): ["00", number(1)],
    ("request_headers", "plugin_name"): ["00", "plug"],
    ("request_headers", "plugin_root_id"): ["00", "root"],
    ("configure", "plugin_vm_id"): ["00", "vm"],
    ("configure", "request.path"): ["01", ""],
    ("configure", "request"): ["01", ""],
    ("request_headers", "request"): ["03", ""],
    ("request_headers", "filter_state"): ["03", ""],
    ("request_headers", ""): ["03", ""],
    ("request_headers", "request.foo"): ["01", ""],
    ("request_headers", "foo"): ["01", ""],
    ("request_headers", "upstream.address"): ["12", ""],
}


@pytest.mark.parametrize(("phase", "path"), _IN_PHASES)
def test_an_attribute_has_its_value_in_its_phase(start: Start, phase: str, path: str) -> None:
    assert values(start, phase, path) == _IN_PHASES[phase, path]


def test_a_length_that_is_declared_is_the_size(start: Start) -> None:
    host = start(plugin({"request_headers": read("request.size")}))

    host.http(messages.request("/", headers=((b"content-length", b"5"),), chunks=(b"hello",)))

    assert texts(host) == ["00", number(5)]


def test_what_a_plugin_sets_it_reads(start: Start) -> None:
    calls: list[Statement] = [
        ("?proxy_set_property", b"my", b"value"),
        *read("my"),
        ("?proxy_get_property", b"filter_state\0wasm.my", *OUT),
        VALUE,
        *read("filter_state.my"),
    ]
    host = start(plugin({"request_headers": calls, "log": read("my")}))

    host.http(REQUEST)

    assert texts(host) == ["00", "00", "value", "00", "value", "01", "", "00", "value"]


def test_what_envoy_has_itself_stays(start: Start) -> None:
    calls: list[Statement] = [
        ("?proxy_set_property", b"request\0path", b"/other"),
        *read("request.path"),
        ("?proxy_set_property", b"plugin_name", b"other"),
        *read("plugin_name"),
    ]
    host = start(plugin({"request_headers": calls}), name="plug")

    host.http(REQUEST)

    assert texts(host) == ["00", "00", "/a/b?c=d&e", "00", "00", "plug"]


def test_outside_a_stream_nothing_can_be_set(start: Start) -> None:
    host = start(plugin({"configure": [("?proxy_set_property", b"my", b"value")]}))

    assert texts(host) == ["01"]


def test_one_nul_at_the_end_of_a_path_is_tolerated(start: Start) -> None:
    calls: list[Statement] = [("?proxy_get_property", b"request\0path\0", *OUT), VALUE]
    host = start(plugin({"request_headers": calls}))

    host.http(REQUEST)

    assert texts(host) == ["00", "/a/b?c=d&e"]
