"""Property hostcalls: the attributes of Envoy 1.40 in each phase."""

import struct

import pytest

from tests.host.conftest import Start
from tests.host.plugins import OUT, VALUE, Statement, plugin
from tests.host.texts import texts
from wasmctl import messages
from wasmctl.host import Host
from wasmctl.host.given import Given, PropertyPath
from wasmctl.host.settings import PluginSettings

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
    ("request_headers", "request.headers_bytes"): ["00", number(111)],
    ("response_headers", "request.headers_bytes"): ["00", number(0)],
    ("response_headers", "response.headers_bytes"): ["00", number(17)],
    ("done", "request.duration"): ["00", number(0)],
    ("response_headers", "response.backend_latency"): ["01", ""],
    ("response_body", "response.backend_latency"): ["00", number(0)],
    ("request_headers", "connection.tls_version"): ["01", ""],
    ("request_headers", "connection.subject_peer_certificate"): ["01", ""],
    ("request_headers", "connection"): ["03", ""],
    ("request_headers", "upstream.address"): ["01", ""],
    ("request_body", "upstream.address"): ["00", "127.0.0.1:20000"],
    ("request_body", "upstream.port"): ["00", number(20000)],
    ("request_body", "upstream.locality"): ["00", ""],
    ("request_body", "upstream.transport_failure_reason"): ["00", ""],
    ("request_body", "upstream.local_address"): ["01", ""],
    ("response_headers", "upstream.local_address"): ["00", "127.0.0.1:30000"],
    ("request_body", "upstream.cx_pool_ready_duration"): ["01", ""],
    ("response_headers", "upstream.cx_pool_ready_duration"): ["00", number(0)],
    ("request_headers", "upstream.request_attempt_count"): ["00", number(0)],
    ("request_body", "upstream.request_attempt_count"): ["00", number(1)],
    ("request_headers", "upstream.num_endpoints"): ["00", number(1)],
    ("log", "upstream.tls_version"): ["01", ""],
    ("request_headers", "upstream"): ["03", ""],
    ("configure", "upstream"): ["01", ""],
    ("configure", "xds.node.id"): ["00", "wasmctl"],
    ("configure", "xds.node.locality.region"): ["00", ""],
    ("configure", "xds.node.nope"): ["01", ""],
    ("configure", "xds"): ["03", ""],
    ("configure", "xds.cluster_name"): ["01", ""],
    ("request_headers", "xds.node.cluster"): ["00", "wasmctl"],
    ("request_headers", "xds.node.metadata"): ["00", "\0\0\0\0"],
    ("request_headers", "xds.node.user_agent_name"): ["00", "envoy"],
    ("request_headers", "xds.cluster_name"): ["00", "upstream"],
    ("request_headers", "xds.cluster_metadata"): ["00", ""],
    ("request_headers", "xds.cluster_metadata.filter_metadata"): ["00", "\0\0\0\0"],
    ("request_headers", "xds.cluster_metadata.filter_metadata.ns"): ["01", ""],
    ("request_headers", "xds.route_name"): ["00", ""],
    ("request_headers", "xds.route_metadata"): ["00", ""],
    ("request_headers", "xds.virtual_host_name"): ["00", "all"],
    ("request_headers", "xds.virtual_host_metadata"): ["00", ""],
    ("request_headers", "xds.upstream_host_metadata"): ["01", ""],
    ("response_headers", "xds.upstream_host_metadata"): ["03", ""],
    ("log", "xds.upstream_host_locality_metadata"): ["03", ""],
    ("request_headers", "xds.filter_chain_name"): ["00", ""],
    ("request_headers", "xds.listener_metadata"): ["00", ""],
    ("request_headers", "xds.listener_direction"): ["00", number(0)],
    ("request_headers", "xds.nope"): ["01", ""],
    ("request_headers", "metadata"): ["00", ""],
    ("request_headers", "metadata.filter_metadata"): ["00", "\0\0\0\0"],
    ("request_headers", "metadata.typed_filter_metadata"): ["00", "\0\0\0\0"],
    ("request_headers", "metadata.nope"): ["01", ""],
    ("configure", "metadata"): ["01", ""],
    ("request_headers", "upstream_filter_state"): ["01", ""],
    ("request_body", "upstream_filter_state"): ["01", ""],
    ("response_headers", "upstream_filter_state"): ["03", ""],
    ("log", "upstream_filter_state.x"): ["01", ""],
    ("request_headers", "filter_state.x"): ["01", ""],
    ("configure", "filter_state"): ["01", ""],
    ("request_headers", "node"): ["01", ""],
    ("request_headers", "route_name"): ["01", ""],
    ("request_headers", "listener_direction"): ["01", ""],
    ("request_headers", "plugin_name.x"): ["01", ""],
    ("request_headers", "connection_id.x"): ["01", ""],
    ("request_headers", "request.query.x"): ["01", ""],
    ("request_headers", "source"): ["03", ""],
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


_NAMESPACE: Given = {"s": "str", "n": 1.5, "i": 3, "b": True, "l": [1, "a"], "m": {"k": "v"}}
_GIVEN: dict[PropertyPath, Given] = {
    ("metadata", "filter_metadata", "ns"): _NAMESPACE,
    ("metadata", "filter_metadata", "bare", "nul"): None,
    ("xds", "route_metadata", "filter_metadata", "ns", "k"): "route",
    ("xds", "upstream_host_metadata", "filter_metadata", "ns", "k"): "host",
    ("xds", "node", "id"): "me",
    ("xds", "node", "metadata", "k"): "v",
    ("xds", "node", "locality", "region"): "here",
    ("xds", "route_name"): "home",
    ("filter_state", "x"): "state",
    ("upstream_filter_state", "x"): b"upstream",
    ("upstream_filter_state", "wasm.up"): b"property",
    ("connection", "tls_version"): "TLSv1.3",
    ("connection", "mtls"): True,
}

_GIVEN_VALUES = {
    "metadata.filter_metadata.ns.s": ["00", "str"],
    "metadata.filter_metadata.ns.n": ["00", struct.pack("<d", 1.5).decode(errors="replace")],
    "metadata.filter_metadata.ns.i": ["00", struct.pack("<d", 3).decode(errors="replace")],
    "metadata.filter_metadata.ns.b": ["00", "\1"],
    "metadata.filter_metadata.ns.l.1": ["00", "a"],
    "metadata.filter_metadata.ns.l.2": ["01", ""],
    "metadata.filter_metadata.ns.m": ["00", "\1\0\0\0\1\0\0\0\1\0\0\0k\0v\0"],
    "metadata.filter_metadata.ns.s.x": ["01", ""],
    "metadata.filter_metadata.bare.nul": ["03", ""],
    "metadata.filter_metadata.bare": ["03", ""],
    "metadata.filter_metadata": ["03", ""],
    "xds.route_metadata.filter_metadata.ns.k": ["00", "route"],
    "xds.node.id": ["00", "me"],
    "xds.node.metadata.k": ["00", "v"],
    "xds.node.locality.region": ["00", "here"],
    "xds.route_name": ["00", "home"],
    "filter_state.x": ["00", "state"],
    "connection.tls_version": ["00", "TLSv1.3"],
    "connection.mtls": ["00", "\1"],
}


@pytest.mark.parametrize("path", _GIVEN_VALUES)
def test_a_tester_gives_properties(start: Start, path: str) -> None:
    host = start(plugin({"request_headers": read(path)}), properties=_GIVEN)

    host.http(REQUEST)

    assert texts(host) == _GIVEN_VALUES[path]


def test_what_is_of_the_upstream_is_given_once_there_is_one(start: Start) -> None:
    paths = [
        "xds.upstream_host_metadata.filter_metadata.ns.k",
        "upstream_filter_state.x",
        "up",
    ]
    calls = [call for path in paths for call in read(path)]
    host = start(plugin({"request_headers": calls, "log": calls}), properties=_GIVEN)

    host.http(REQUEST)

    assert texts(host) == ["01", ""] * 3 + ["00", "host", "00", "upstream", "00", "property"]


def test_the_whole_of_metadata_is_a_message(start: Start) -> None:
    properties: dict[PropertyPath, Given] = {("metadata", "filter_metadata", "ns"): {"k": "v"}}
    host = start(plugin({"request_headers": read("metadata")}), properties=properties)

    host.http(REQUEST)

    assert texts(host) == ["00", "\n\x10\n\2ns\x12\n\n\x08\n\1k\x12\3\x1a\1v"]


_SOURCES: dict[str, tuple[tuple[bytes, bytes], ...]] = {
    "10.0.0.1:50000": (),
    "1.1.1.1:0": ((b"x-forwarded-for", b"1.1.1.1"),),
    "3.3.3.3:0": ((b"x-forwarded-for", b"1.1.1.1, 2.2.2.2"), (b"x-forwarded-for", b"3.3.3.3")),
    "[::1]:0": ((b"x-forwarded-for", b"::1"),),
}


@pytest.mark.parametrize("address", _SOURCES)
def test_a_client_has_the_address_it_comes_from_or_was_forwarded_for(
    start: Start, address: str
) -> None:
    calls = [*read("source.address"), *read("source.port")]
    host = start(plugin({"request_headers": calls}))

    host.http(messages.request("/", headers=_SOURCES[address]), source="10.0.0.1:50000")

    port = int(address.rpartition(":")[2])
    assert texts(host) == ["00", address, "00", number(port)]


@pytest.mark.parametrize("forwarded", [b"", b"junk", b"1.1.1.1:80", b"1.1.1.1,"])
def test_what_is_no_address_is_not_taken_for_one(start: Start, forwarded: bytes) -> None:
    host = start(plugin({"request_headers": read("source.address")}))

    host.http(messages.request("/", headers=((b"x-forwarded-for", forwarded),)))

    assert texts(host) == ["00", "127.0.0.1:40000"]


def test_each_address_has_a_connection(start: Start) -> None:
    host = start(plugin({"request_headers": read("connection.id")}))

    for source in ("10.0.0.1:1", "10.0.0.2:1", "10.0.0.1:1"):
        host.http(REQUEST, source=source)

    assert texts(host) == ["00", number(1), "00", number(2), "00", number(1)]


def test_what_a_plugin_sets_the_next_one_reads() -> None:
    sets = PluginSettings(
        plugin=plugin({"request_headers": [("proxy_set_property", b"my", b"value")]}), name="a"
    )
    reads = PluginSettings(plugin=plugin({"request_headers": read("my")}), name="b")

    with Host.chain([sets, reads]) as host:
        host.http(REQUEST)
        told = texts(host)

    assert told == ["00", "value"]


def test_a_context_that_is_being_made_sees_no_headers_yet(start: Start) -> None:
    calls = [*read("request.path"), ("?proxy_get_header_map_value", 0, b":path", *OUT)]
    host = start(plugin({"context_create": calls}))

    host.http(REQUEST)

    assert texts(host) == ["01", "", "02"] * 2
