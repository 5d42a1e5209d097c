"""Bodies: what can be read and changed, in frames and when they are held."""

from tests.conformance.case import Case, answer, case
from wasmctl import messages

_GET, _STATUS, _SET = (
    "proxy_get_buffer_bytes",
    "proxy_get_buffer_status",
    "proxy_set_buffer_bytes",
)
_ADD = "proxy_add_header_map_value"
_BUFFERS = range(10)
_MOST = 4294967295
_POST = messages.request("/", method="POST", chunks=(b"abcdef", b"ghi", b"jkl"))
_ONE = messages.request("/", method="POST", chunks=(b"abcdef",))
_TRAILED = messages.request(
    "/", method="POST", chunks=(b"abcdef", b"ghi"), trailers=((b"x-trailer", b"t"),)
)
_REPLY = answer(chunks=(b"ABCDEF", b"GHI", b"JKL"))
_TRAILED_REPLY = answer(chunks=(b"ABCDEF", b"GHI"), trailers=((b"x-trailer", b"t"),))
_CALLBACKS = (
    *("context_create", "vm_start", "configure", "request_headers", "request_body"),
    *("request_trailers", "response_headers", "response_body", "response_trailers"),
    *("log", "done", "delete"),
)


def _set(name: str, rows: str, start: int, length: int, content: bytes) -> Case:
    """Put bytes into a whole body that was held, both ways."""
    return case(
        f"body.set-{name}",
        rows,
        {
            "request_body#3": [(_SET, 0, start, length, content), (_GET, 0, 0, 99)],
            "response_body#3": [(_SET, 1, start, length, content), (_GET, 1, 0, 99)],
        },
        returns={"request_body": (1, 1, 0), "response_body": (1, 1, 0)},
        request=_POST,
        reply=_REPLY,
    )


def _held(name: str, rows: str, *statuses: int, trailers: bool = False) -> Case:
    """Return these from the body callbacks, both ways, and show what each one sees."""
    return case(
        f"body.held-{name}",
        rows,
        {
            "request_body": [(_GET, 0, 0, 99), (_STATUS, 0)],
            "request_trailers": [(_GET, 0, 0, 99)],
            "response_body": [(_GET, 1, 0, 99), (_STATUS, 1)],
            "response_trailers": [(_GET, 1, 0, 99)],
        },
        returns={"request_body": statuses, "response_body": statuses},
        request=_TRAILED if trailers else _POST,
        reply=_TRAILED_REPLY if trailers else _REPLY,
    )


CASES = (
    case(
        "body.get-everywhere",
        "body.get.in-headers body.get.no-buffer body.get.unknown body.get.other-phase"
        " body.get.vm-configuration body.get.configuration body.in-log",
        {each: [(_GET, at, 0, 99) for at in range(8)] for each in _CALLBACKS},
        request=_TRAILED,
        reply=_TRAILED_REPLY,
        settings={"configuration": b"plugin's", "vm_configuration": b"vm's"},
    ),
    case(
        "body.status-everywhere",
        "body.status body.get.unknown",
        {each: [(_STATUS, at) for at in (*range(8), 9)] for each in _CALLBACKS},
        request=_TRAILED,
        reply=_TRAILED_REPLY,
        settings={"configuration": b"plugin's", "vm_configuration": b"vm's"},
    ),
    case(
        "body.set-everywhere",
        "body.set.read-only",
        {each: [(_SET, at, 0, 0, b"+") for at in (*range(8), 9)] for each in _CALLBACKS},
        request=_TRAILED,
        reply=_TRAILED_REPLY,
        settings={"configuration": b"plugin's", "vm_configuration": b"vm's"},
    ),
    case(
        "body.get",
        "body.get.clipped body.get.beyond",
        {
            "request_body": [
                (_GET, 0, 0, 3),
                (_GET, 0, 2, 3),
                (_GET, 0, 4, 99),
                (_GET, 0, 6, 1),
                (_GET, 0, 7, 1),
                (_GET, 0, 0, 0),
                (_GET, 0, 1, _MOST),
                (_GET, 0, _MOST, _MOST),
                (_GET, 0, _MOST, 1),
                (_GET, 10, 0, 1),
                (_GET, _MOST, 0, 1),
            ]
        },
        request=_ONE,
    ),
    _set("prepend", "body.set.prepend", 0, 0, b"<"),
    _set("replace-front", "body.set.replace-front", 0, 4, b"<"),
    _set("replace-all", "body.set.replace-all body.buffered-write", 0, 12, b"whole"),
    _set("replace-more", "body.set.replace-all", 0, _MOST, b"whole"),
    _set("append", "body.set.append", 12, 0, b">"),
    _set("append-beyond", "body.set.append", _MOST, 5, b">"),
    _set("middle", "body.set.middle", 3, 2, b"-"),
    _set("empty", "body.set.empty", 0, 12, b""),
    _held("none", "body.frames return.body.0 body.response", 0),
    _held("buffer", "body.buffered return.body.1 body.response", 1, 1, 0),
    _held("buffer-once", "body.buffered return.body.1", 0, 1, 0),
    _held("watermark", "body.watermark return.body.2", 2, 2, 0),
    _held("drop", "body.dropped return.body.3", 3, 0),
    _held("drop-middle", "body.dropped", 0, 3, 0),
    _held("drop-buffered", "body.dropped", 1, 3, 0),
    _held("drop-last", "body.dropped", 0, 0, 3),
    _held("unknown", "body.unknown-status", 4, 99, 0),
    _held("buffer-watermark", "body.buffered body.watermark", 1, 2, 0),
    _held("watermark-buffer", "body.buffered body.watermark", 2, 1, 0),
    _held("for-ever", "body.buffered return.ended-by-client", 1),
    _held("trailers", "body.with-trailers", 0, trailers=True),
    _held("buffer-trailers", "body.with-trailers body.trailers-see-body", 1, trailers=True),
    _held("watermark-trailers", "body.with-trailers", 2, trailers=True),
    _held("drop-trailers", "body.with-trailers body.dropped", 3, trailers=True),
    case(
        "body.trailers-write",
        "body.trailers-see-body",
        {
            "request_trailers": [(_SET, 0, 0, 99, b"new")],
            "response_trailers": [(_SET, 1, 0, 99, b"NEW"), (_GET, 1, 0, 99)],
        },
        returns={"request_body": 1, "response_body": 1},
        request=_TRAILED,
        reply=_TRAILED_REPLY,
    ),
    case(
        "body.frames-write",
        "body.set.prepend body.set.append",
        {
            "request_body": [(_SET, 0, 0, 0, b"<"), (_SET, 0, 99, 0, b">"), (_GET, 0, 0, 99)],
            "response_body": [(_SET, 1, 0, 99, b"frame"), (_STATUS, 1)],
        },
        request=_POST,
        reply=_REPLY,
    ),
    case(
        "body.watermark-write",
        "body.watermark body.set.replace-all",
        {
            "request_body": [(_SET, 0, 0, 99, b"w")],
            "response_body": [(_SET, 1, 0, 99, b"W")],
        },
        returns={"request_body": (2, 2, 0), "response_body": (2, 2, 0)},
        request=_POST,
        reply=_REPLY,
    ),
    case(
        "body.dropped-write",
        "body.dropped",
        {"request_body": [(_SET, 0, 0, 99, b"w")]},
        returns={"request_body": (3, 0)},
        request=_POST,
    ),
    case(
        "body.empty-end",
        "body.empty-end",
        {"request_body": [(_GET, 0, 0, 99)], "response_body": [(_GET, 1, 0, 99)]},
        returns={"request_body": (1, 0), "response_body": (0, 0)},
        request=messages.request("/", method="POST", chunks=(b"abc", b"")),
        reply=answer(chunks=(b"abc", b"")),
    ),
    case(
        "body.empty-only",
        "body.empty-end",
        {},
        request=messages.request("/", method="POST", chunks=(b"",)),
        reply=answer(chunks=(b"",)),
    ),
    case(
        "body.trailers-begun",
        "body.trailers-begun",
        {
            "request_body#3": [(_ADD, 1, b"x-begun", b"1")],
            "response_body#3": [(_ADD, 3, b"x-begun", b"1")],
        },
        returns={"request_body": (1, 1, 0), "response_body": (1, 1, 0)},
        request=_POST,
        reply=_REPLY,
    ),
    case(
        "body.large",
        "body.frames",
        {"request_body": [(_GET, 0, 16000, 5)], "response_body": [(_GET, 1, 16380, 99)]},
        returns={"request_body": 0},
        request=messages.request("/", method="POST", chunks=(b"a" * 16384, b"b" * 100)),
        reply=answer(chunks=(b"c" * 16384, b"d" * 16384)),
    ),
)
