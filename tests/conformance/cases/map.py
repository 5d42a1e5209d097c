"""Header maps: reading and changing them, in each phase."""

from tests.conformance.case import Case, answer, case
from wasmctl import messages
from wasmctl.abi.types import AbiVersion
from wasmctl.abi.wire import encode_pairs

_GET, _PAIRS = "proxy_get_header_map_value", "proxy_get_header_map_pairs"
_ADD, _REPLACE = "proxy_add_header_map_value", "proxy_replace_header_map_value"
_REMOVE, _SET = "proxy_remove_header_map_value", "proxy_set_header_map_pairs"
_SIZE = "proxy_get_header_map_size"
_MAPS = range(9)

_PAIR = ((b"x-dup", b"one"), (b"x-other", b"o"), (b"x-dup", b"two"), (b"x-empty", b""))
_REQUEST = messages.request("/a", headers=_PAIR)
_WITH_ALL = messages.request(
    "/a", method="POST", headers=_PAIR, chunks=(b"abc",), trailers=((b"x-trailer", b"t"),)
)
_WITH_BODY = messages.request("/a", method="POST", chunks=(b"abc", b"def"))
_RESPONSE = answer(headers=_PAIR, chunks=(b"abc",), trailers=((b"x-trailer", b"t"),))
_ALL_CALLBACKS = (
    *("vm_start", "configure", "context_create", "request_headers", "request_body"),
    *("request_trailers", "response_headers", "response_body", "response_trailers"),
    *("log", "done", "delete"),
)
_PSEUDO = ((b":method", b"GET"), (b":path", b"/set"), (b":scheme", b"http"))
_WHOLE = (*_PSEUDO, (b":authority", b"other.test"), (b"x-forwarded-proto", b"http"))


def _everywhere(name: str, *arguments: bytes) -> dict[str, list[tuple[str | int | bytes, ...]]]:
    """Call it for every map in every callback."""
    return {each: [(name, at, *arguments) for at in _MAPS] for each in _ALL_CALLBACKS}


def _phase(rows: str, callback: str, *, returns: dict[str, int | tuple[int, ...]]) -> Case:
    """Read and change the maps of streams in one callback."""
    calls: list[tuple[str | int | bytes, ...]] = []
    for at in range(4):
        calls += [(_GET, at, b"x-dup"), (_SIZE, at), (_ADD, at, b"x-add", b"a"), (_PAIRS, at)]
        calls += [(_REPLACE, at, b"x-add", b"r"), (_REMOVE, at, b"x-other"), (_PAIRS, at)]
    return case(
        f"map.phase-{callback.replace('_', '-')}{'-held' if returns else ''}",
        rows,
        {callback: calls},
        returns=returns,
        request=_WITH_ALL,
        reply=_RESPONSE,
        settings={"allow_on_headers_stop_iteration": bool(returns)},
    )


CASES = (
    case(
        "map.get",
        "map.get.first map.get.any-case map.get.host map.get.missing map.get.empty-key"
        " map.get.empty-value",
        {
            "request_headers": [
                *[(_GET, 0, name) for name in (b"x-dup", b"X-Dup", b"host", b"Host")],
                *[(_GET, 0, name) for name in (b":authority", b"x-missing", b"", b"x-empty")],
            ],
            "response_headers": [(_GET, 2, b"host"), (_GET, 2, b":STATUS"), (_GET, 2, b"x-dup")],
        },
        request=_REQUEST,
        reply=_RESPONSE,
    ),
    case(
        "map.get-0.1.0",
        "map.get.missing-0.1.0 map.get.in-log-0.1.0",
        {
            "request_headers": [(_GET, 0, b"x-missing"), (_GET, 0, b"x-dup"), (_GET, 2, b"x")],
            "log": [(_GET, at, b"x-missing") for at in _MAPS],
        },
        abi=AbiVersion.V0_1_0,
        request=_REQUEST,
    ),
    case(
        "map.get-everywhere",
        "map.get.unavailable map.get.unknown-map map.get.in-log map.get.done map.get.start",
        _everywhere(_GET, b"x-dup"),
        request=_WITH_ALL,
        reply=_RESPONSE,
    ),
    case(
        "map.pairs-everywhere",
        "map.pairs.order map.pairs.unavailable map.pairs.unknown-map map.phase.request-headers"
        " map.count",
        _everywhere(_PAIRS),
        request=_WITH_ALL,
        reply=_RESPONSE,
    ),
    case(
        "map.size-everywhere",
        "map.size.bytes map.size.unavailable",
        _everywhere(_SIZE),
        request=_WITH_ALL,
        reply=_RESPONSE,
    ),
    case(
        "map.add-everywhere",
        "map.add.read-only",
        _everywhere(_ADD, b"x-add", b"v"),
        request=_WITH_ALL,
        reply=_RESPONSE,
    ),
    case(
        "map.replace-everywhere",
        "map.add.read-only map.replace.all",
        _everywhere(_REPLACE, b"x-dup", b"v"),
        request=_WITH_ALL,
        reply=_RESPONSE,
    ),
    case(
        "map.remove-everywhere",
        "map.add.read-only map.remove.all",
        _everywhere(_REMOVE, b"x-dup"),
        request=_WITH_ALL,
        reply=_RESPONSE,
    ),
    case(
        "map.set-read-only",
        "map.set.read-only",
        {
            "request_headers": [(_SET, at, encode_pairs(_PAIR)) for at in range(1, 9)],
            "log": [(_SET, at, encode_pairs(_PAIR)) for at in _MAPS],
        },
        request=_WITH_ALL,
        reply=_RESPONSE,
    ),
    case(
        "map.add",
        "map.add.appends map.add.lower-case map.add.joins",
        {
            "request_headers": [
                (_ADD, 0, b"x-dup", b"three"),
                (_ADD, 0, b"X-Upper", b"Value"),
                (_ADD, 0, b":path", b"/zzz"),
                *[(_ADD, 0, b"accept", value) for value in (b"", b"a", b"", b"b")],
                *[(_ADD, 0, b"cookie", value) for value in (b"a", b"b")],
                *[(_ADD, 0, b"x-forwarded-for", value) for value in (b"a", b"b")],
                *[(_ADD, 0, b"via", value) for value in (b"a", b"b")],
                *[(_ADD, 0, b"host", value) for value in (b"a",)],
                (_PAIRS, 0),
            ]
        },
        request=_REQUEST,
    ),
    case(
        "map.add-response",
        "map.add.joins-response",
        {
            "response_headers": [
                *[(_ADD, 2, b"vary", value) for value in (b"a", b"b")],
                *[(_ADD, 2, b"accept", value) for value in (b"a", b"b")],
                *[(_ADD, 2, b"set-cookie", value) for value in (b"a", b"b")],
                *[(_ADD, 2, b"etag", value) for value in (b"a", b"b")],
                *[(_ADD, 2, b"host", value) for value in (b"a", b"b")],
                (_PAIRS, 2),
            ]
        },
        reply=_RESPONSE,
    ),
    case(
        "map.add-trailers",
        "map.add.trailers",
        {
            "request_trailers": [
                *[(_ADD, 1, b"via", value) for value in (b"a", b"b")],
                *[(_ADD, 1, b"grpc-status", value) for value in (b"1", b"2")],
                (_PAIRS, 1),
            ],
            "response_trailers": [
                *[(_ADD, 3, b"vary", value) for value in (b"a", b"b")],
                *[(_ADD, 3, b"grpc-status", value) for value in (b"1", b"2")],
                *[(_ADD, 3, b"grpc-message", value) for value in (b"1", b"2")],
                (_PAIRS, 3),
            ],
        },
        request=_WITH_ALL,
        reply=_RESPONSE,
    ),
    case(
        "map.add-odd",
        "map.add.no-validation edge.bad-name",
        {
            "request_headers": [
                (_ADD, 0, b"", b"v"),
                (_ADD, 0, b"bad name", b"v"),
                (_ADD, 0, b"x-lines", b"a\r\nb"),
                (_PAIRS, 0),
            ]
        },
    ),
    case(
        "map.replace",
        "map.replace.all map.replace.missing map.replace.pseudo",
        {
            "request_headers": [
                (_REPLACE, 0, b"x-dup", b"new"),
                (_REPLACE, 0, b"x-new", b"n"),
                (_REPLACE, 0, b":path", b"/new"),
                (_REPLACE, 0, b"Host", b"h"),
                (_REPLACE, 0, b"x-empty", b"full"),
                (_PAIRS, 0),
            ],
            "response_headers": [
                (_REPLACE, 2, b"x-dup", b"new"),
                (_REPLACE, 2, b":status", b"201"),
                (_PAIRS, 2),
            ],
        },
        request=_REQUEST,
        reply=_RESPONSE,
    ),
    case(
        "map.remove",
        "map.remove.all map.remove.missing",
        {
            "request_headers": [(_REMOVE, 0, b"x-dup"), (_REMOVE, 0, b"x-missing"), (_PAIRS, 0)],
            "response_headers": [(_REMOVE, 2, b"X-DUP"), (_PAIRS, 2)],
        },
        request=_REQUEST,
        reply=_RESPONSE,
    ),
    case(
        "map.set",
        "map.set.replaces map.set.pseudo-first",
        {
            "request_headers": [
                (_SET, 0, encode_pairs(((b"X-First", b"1"), (b"x-first", b"2"), *_WHOLE))),
                (_PAIRS, 0),
            ],
            "response_headers": [
                (_SET, 2, encode_pairs(((b"x-a", b"1"), (b":status", b"201")))),
                (_PAIRS, 2),
            ],
            "response_trailers": [(_SET, 3, encode_pairs(((b"x-a", b"1"),))), (_PAIRS, 3)],
        },
        reply=_RESPONSE,
    ),
    *(
        case(
            f"map.set-malformed-{number}",
            "map.set.malformed edge.emptied memory.pairs.strict memory.pairs.limits",
            {"request_headers": [(_SET, 0, content), (_PAIRS, 0)]},
        )
        for number, content in enumerate(
            (
                b"",
                b"\x01\x00\x00",
                encode_pairs(_WHOLE) + b"x",
                encode_pairs(_WHOLE)[:-1] + b"x",
                encode_pairs((*_WHOLE, *[(b"x", b"y")] * 1024)),
            )
        )
    ),
    case(
        "map.set-most",
        "memory.pairs.limits",
        {
            "response_headers": [
                (_SET, 2, encode_pairs(((b":status", b"200"), *[(b"x", b"y")] * 60)))
            ]
        },
    ),
    case(
        "map.set-response-malformed",
        "map.set.malformed edge.no-status",
        {"response_headers": [(_SET, 2, b"none"), (_PAIRS, 2)]},
    ),
    _phase("map.phase.request-headers", "request_headers", returns={}),
    _phase("map.phase.request-body", "request_body", returns={}),
    _phase(
        "map.phase.request-body-paused return.headers.1-allowed",
        "request_body",
        returns={"request_headers": 1},
    ),
    _phase("map.phase.request-trailers", "request_trailers", returns={}),
    _phase("map.phase.response-headers", "response_headers", returns={}),
    _phase("map.phase.response-body", "response_body", returns={}),
    _phase("map.phase.response-body", "response_body", returns={"response_headers": 1}),
    _phase("map.phase.response-trailers", "response_trailers", returns={}),
    case(
        "map.trailers-created",
        "map.phase.trailers-created map.phase.trailers-too-early body.trailers-begun",
        {
            "request_headers": [(_ADD, 1, b"x-t", b"1")],
            "request_body#1": [(_ADD, 1, b"x-t", b"1"), (_SIZE, 1)],
            "request_body#2": [(_GET, 1, b"x-t"), (_ADD, 1, b"x-t", b"2"), (_PAIRS, 1)],
            "response_headers": [(_ADD, 3, b"x-t", b"1")],
            "response_body": [(_SIZE, 3), (_PAIRS, 3), (_ADD, 3, b"x-t", b"2")],
        },
        request=_WITH_BODY,
        reply=answer(chunks=(b"abc",)),
    ),
    case(
        "map.trailers-measured",
        "map.phase.trailers-created",
        {"request_body#2": [(_SIZE, 1), (_GET, 1, b"x")]},
        request=_WITH_BODY,
    ),
    case(
        "map.continued",
        "map.phase.continued",
        {
            "request_headers": [
                (_GET, 0, b":path"),
                ("proxy_continue_stream", 0),
                (_GET, 0, b":path"),
                (_PAIRS, 0),
                (_SIZE, 0),
            ],
            "response_headers": [
                ("proxy_continue_stream", 0),
                (_GET, 2, b":status"),
                ("proxy_continue_stream", 1),
                (_GET, 2, b":status"),
            ],
        },
        returns={"request_headers": 1, "response_headers": 1},
        reply=answer(),
    ),
)
