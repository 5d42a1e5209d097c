"""Properties: built in, by phase, and those that plugins set."""

from collections.abc import Sequence

from tests.conformance.case import Case, Settings, answer, case
from tests.conformance.plugins import Statement
from wasmctl import messages
from wasmctl.abi.wire import encode_pairs

_GET, _SET = "proxy_get_property", "proxy_set_property"
_REQUEST = messages.request(
    "/path?query=1",
    method="POST",
    headers=(
        (b"referer", b"ref"),
        (b"user-agent", b"ua"),
        (b"x-request-id", b"id-1"),
        (b"x-dup", b"1"),
        (b"x-dup", b"2"),
        (b"cookie", b"a=1"),
    ),
    chunks=(b"abc",),
    trailers=((b"x-trailer", b"t"),),
)
_REPLY = answer(headers=((b"x-reply", b"1"),), chunks=(b"ABC",), trailers=((b"x-t", b"T"),))
_STREAM = (
    *("request_headers", "request_body", "request_trailers"),
    *("response_headers", "response_body", "response_trailers", "log"),
)
_ALL = ("vm_start", "configure", "context_create", *_STREAM, "done", "delete")

_OF_REQUEST = (
    *("path", "url_path", "host", "scheme", "method", "referer", "id", "protocol", "query"),
    *("useragent", "headers.x-dup", "headers.X-Dup", "headers.cookie", "headers.missing"),
)
_SIZES = ("request.size",)
_OF_RESPONSE = (
    *("code", "code_details", "flags", "grpc_status", "headers.x-reply", "trailers.x-t"),
)


def _paths(*names: str) -> list[Statement]:
    return [(_GET, name.replace(".", "\0").encode()) for name in names]


def _in_all(
    name: str,
    rows: str,
    paths: Sequence[str],
    callbacks: Sequence[str] = _STREAM,
    settings: Settings | None = None,
) -> Case:
    return case(
        f"property.{name}",
        rows,
        {each: _paths(*paths) for each in callbacks},
        request=_REQUEST,
        reply=_REPLY,
        settings=settings or {},
    )


CASES = (
    _in_all(
        "request",
        "property.request property.request.gone property.request.in-log"
        " property.request.headers-map",
        [f"request.{each}" for each in _OF_REQUEST],
    ),
    _in_all("request-size", "property.request", _SIZES),
    _in_all(
        "response",
        "property.response property.response.in-log property.encodings",
        [f"response.{each}" for each in _OF_RESPONSE],
    ),
    _in_all(
        "response-size",
        "property.response",
        ["response.size"],
        callbacks=("request_headers", "log"),
    ),
    _in_all(
        "code-details",
        "property.code-details",
        ["response.code_details", "response.code", "response.flags"],
        callbacks=("log",),
    ),
    _in_all(
        "connection",
        "property.connection property.encodings",
        [
            f"connection.{each}"
            for each in (
                *("mtls", "requested_server_name", "tls_version", "termination_details"),
                *("subject_local_certificate", "subject_peer_certificate"),
                *("dns_san_local_certificate", "uri_san_peer_certificate"),
                *("sha256_peer_certificate_digest", "transport_failure_reason", "unknown"),
            )
        ],
        callbacks=("request_headers", "response_headers", "log"),
    ),
    _in_all(
        "upstream",
        "property.upstream",
        [
            f"upstream.{each}"
            for each in (
                *("locality", "transport_failure_reason", "request_attempt_count"),
                *("tls_version", "subject_peer_certificate", "unknown"),
            )
        ],
        callbacks=("request_headers", "response_headers", "log"),
    ),
    _in_all(
        "source-unknown",
        "property.source",
        ["source.unknown", "destination.unknown", "source", "destination"],
        callbacks=("request_headers",),
    ),
    _in_all(
        "xds",
        "property.xds",
        [
            f"xds.{each}"
            for each in (
                *("cluster_name", "route_name", "virtual_host_name", "filter_chain_name"),
                *("listener_direction", "unknown", "node.id", "node.cluster", "node.unknown"),
            )
        ],
        callbacks=("configure", "request_headers", "response_headers", "log"),
    ),
    _in_all(
        "xds-metadata",
        "property.xds property.metadata",
        [
            f"xds.{each}"
            for each in (
                *("cluster_metadata", "route_metadata", "virtual_host_metadata"),
                *("upstream_host_metadata", "listener_metadata"),
            )
        ],
        callbacks=("request_headers", "log"),
    ),
    _in_all(
        "xds-gone",
        "property.xds.gone",
        ["node", "node.id", "cluster_name", "route_name", "listener_direction", "cluster_metadata"],
        callbacks=("request_headers",),
    ),
    _in_all(
        "plugin",
        "property.plugin property.root",
        ["plugin_name", "plugin_root_id", "plugin_vm_id", "plugin_name.more"],
        callbacks=_ALL,
        settings={"name": "named", "root_id": "rooted"},
    ),
    _in_all(
        "unknown",
        "property.unknown property.not-serializable",
        [
            *("unknown", "request.unknown", "response.unknown", "", "request", "response", "xds"),
            *("source", "connection", "upstream", "filter_state", "metadata", "request.path.more"),
            *("request.headers", "filter_state.unknown", "upstream_filter_state.unknown"),
        ],
        callbacks=("response_headers",),
    ),
    case(
        "property.odd-paths",
        "property.trailing-nul property.not-serializable",
        {
            "request_headers": [
                (_GET, path)
                for path in (
                    *(b"request\0path\0", b"request\0path\0\0", b"\0request\0path", b"\0", b""),
                    *(b"request.path", b"request\0\0path", b"Request\0path", b"request\0Path"),
                )
            ]
        },
        request=_REQUEST,
    ),
    _in_all(
        "root",
        "property.root",
        [
            *(
                "request.path",
                "response.code",
                "source.address",
                "connection.mtls",
                "connection_id",
            ),
            *("request", "xds", "", "unknown", "xds.cluster_name", "metadata"),
        ],
        callbacks=("vm_start", "configure"),
    ),
    _in_all(
        "context-create",
        "property.root property.request",
        ["request.path", "request.size", "response.code", "xds.route_name", "connection.mtls"],
        callbacks=("context_create", "done", "delete"),
    ),
    _in_all(
        "trailers-map",
        "property.request.headers-map",
        ["response.trailers", "response.trailers.x-t", "request.trailers.x-trailer"],
        callbacks=("response_trailers", "log"),
    ),
    case(
        "property.headers-map",
        "property.request.headers-map",
        {
            "request_headers": [
                (
                    "proxy_set_header_map_pairs",
                    0,
                    encode_pairs(((b":method", b"GET"), (b"x-forwarded-proto", b"http"))),
                ),
                *_paths("response.headers"),
            ],
        },
    ),
    case(
        "property.set",
        "property.set property.set.overwrite property.set.multi-part property.set.empty",
        {
            "request_headers": [
                (_SET, b"mine", b"one"),
                *_paths("mine", "wasm.mine", "filter_state.mine"),
                (_GET, b"filter_state\0wasm.mine"),
                (_SET, b"mine", b"two"),
                *_paths("mine"),
                (_SET, b"a\0b", b"multi"),
                *_paths("a.b", "a"),
                (_SET, b"", b"nameless"),
                *_paths(""),
                (_SET, b"empty", b""),
                *_paths("empty"),
                (_SET, b"nul\0", b"v"),
                *_paths("nul"),
            ],
            "response_headers": _paths("mine", "empty"),
            "log": _paths("mine"),
        },
    ),
    case(
        "property.set-built-in",
        "property.set.built-in",
        {
            "request_headers": [
                (_SET, b"request\0path", b"/mine"),
                *_paths("request.path"),
                (_SET, b"plugin_name", b"mine"),
                *_paths("plugin_name"),
                (_SET, b"request", b"mine"),
                *_paths("request", "request.path"),
                (_SET, b"request.path", b"mine"),
                (_GET, b"request.path"),
            ]
        },
    ),
    case(
        "property.set-everywhere",
        "property.set.root property.set.in-log",
        {
            each: [(_SET, b"mine", each.encode()), *_paths("mine")]
            for each in ("vm_start", "configure", "context_create", "log", "done", "delete")
        },
    ),
    case(
        "property.duration",
        "property.request",
        {
            "request_headers": _paths("request.duration", "request.total_size"),
            "response_headers": _paths("request.duration", "response.total_size"),
        },
    ),
    case(
        "property.after-local-reply",
        "property.code-details property.response.in-log",
        {
            "request_headers": [("proxy_send_local_response", 403, b"why", b"no", b"", -1)],
            "response_headers": _paths("response.code", "response.code_details", "request.path"),
            "log": _paths(
                "response.code", "response.code_details", "response.flags", "request.path"
            ),
        },
    ),
)
