"""Several plugins in one chain, in machines of their own or in one."""

from tests.conformance.case import Case, Exchange, Filter, answer
from tests.conformance.plugins import Returns, Statement, plugin
from wasmctl import messages, outcomes

_POST = messages.request("/", method="POST", chunks=(b"abc", b"def"), trailers=((b"x-t", b"t"),))
_BODY = messages.request("/", method="POST", chunks=(b"abc", b"def"))
_REPLY = outcomes.reply(answer(chunks=(b"ABC", b"DEF"), trailers=((b"x-t", b"t"),)))
_WHOLE = Exchange(request=_POST, reply=_REPLY)
_LOCAL: Statement = ("proxy_send_local_response", 403, b"denied", b"no", b"", -1)
_ADD, _SET = "proxy_add_header_map_value", "proxy_set_buffer_bytes"


def _plugin(name: bytes, *calls: Statement, returns: Returns | None = None) -> bytes:
    """Return a plugin that differs from others by its name, which it logs."""
    return plugin(
        {
            "request_headers": [("proxy_log", 2, name), (_ADD, 0, b"x-plugin", name), *calls],
            "response_headers": [("proxy_log", 2, name), (_ADD, 2, b"x-plugin", name)],
            "log": [("proxy_log", 2, name)],
            "done": [("proxy_log", 2, name)],
        },
        returns=returns,
    )


def _named(name: str) -> Filter:
    return Filter(code=_A, name=name)


def _rooted(root_id: str) -> Filter:
    return Filter(code=_A, root_id=root_id)


_TRAPS = _plugin(b"b", "(unreachable)")
_A, _B, _C = _plugin(b"a"), _plugin(b"b"), _plugin(b"c")


def _chain(
    name: str, rows: str, *filters: Filter | bytes, steps: tuple[Exchange, ...] = (_WHOLE,)
) -> Case:
    made = (each if isinstance(each, Filter) else Filter(code=each) for each in filters)
    return Case(id=f"chain.{name}", rows=tuple(rows.split()), filters=tuple(made), steps=steps)


CASES = (
    _chain("order", "chain.order chain.separate-vms", _A, _B, _C),
    _chain("order-bare", "chain.order", _A, _B, steps=(Exchange(),)),
    _chain("local-outer", "chain.local-outer", _plugin(b"a", _LOCAL), _B, _C),
    _chain("local-inner", "chain.local-inner", _A, _B, _plugin(b"c", _LOCAL)),
    _chain("local-middle", "chain.local-inner chain.local-outer", _A, _plugin(b"b", _LOCAL), _C),
    _chain("shared-vm", "chain.shared-vm", _A, Filter(code=_A, configuration=b"other")),
    _chain(
        "shared-vm-names", "chain.shared-vm", Filter(code=_A, name="x"), Filter(code=_A, name="y")
    ),
    _chain(
        "shared-vm-roots",
        "chain.shared-vm",
        Filter(code=_A, root_id="x"),
        Filter(code=_A, root_id="y"),
    ),
    _chain(
        "shared-root",
        "chain.shared-root",
        Filter(code=_A, name="same"),
        Filter(code=_A, name="same"),
    ),
    _chain(
        "vm-configuration", "chain.vm-configuration", _A, Filter(code=_A, vm_configuration=b"other")
    ),
    _chain("environment", "chain.environment", _A, Filter(code=_A, environment={"NAME": "1"})),
    _chain("shared-vm-of-three", "chain.shared-vm", *map(_named, "xyz")),
    _chain("shared-vm-of-nine", "chain.shared-vm", *map(_named, "abcdefghi"), steps=()),
    _chain("vm-id", "chain.separate-vms", _A, Filter(code=_A, vm_id="other")),
    _chain(
        "body",
        "chain.body",
        plugin(
            {
                "request_body": [(_SET, 0, 0, 99, b"A")],
                "response_body": [("proxy_get_buffer_bytes", 1, 0, 99)],
            }
        ),
        plugin(
            {
                "request_body": [("proxy_get_buffer_bytes", 0, 0, 99)],
                "response_body": [(_SET, 1, 0, 99, b"B")],
            }
        ),
    ),
    _chain(
        "buffered",
        "chain.body chain.held",
        plugin(returns={"request_body": (1, 0), "response_body": 0}),
        plugin({"request_body": [("proxy_get_buffer_bytes", 0, 0, 99)]}),
        steps=(Exchange(request=_BODY, reply=_REPLY),),
    ),
    _chain(
        "both-buffer",
        "chain.held",
        plugin(returns={"request_body": (1, 0), "response_body": (1, 0)}),
        plugin({"configure": []}, returns={"request_body": (1, 0), "response_body": (1, 0)}),
        steps=(Exchange(request=_BODY, reply=outcomes.reply(answer(chunks=(b"ABC", b"DEF")))),),
    ),
    _chain("held", "chain.held", _plugin(b"a", returns={"request_headers": 1}), _B),
    _chain("held-inner", "chain.held", _A, _plugin(b"b", returns={"request_headers": 1})),
    _chain("held-response", "chain.held", _A, _plugin(b"b", returns={"response_headers": 1})),
    _chain(
        "local-in-response",
        "chain.local-inner local.response-headers",
        _A,
        plugin({"response_headers": [_LOCAL]}),
        _C,
    ),
    _chain(
        "local-in-response-outer",
        "chain.local-outer local.response-headers",
        plugin({"response_headers": [_LOCAL]}),
        _B,
    ),
    _chain(
        "trailers-begun",
        "body.trailers-begun chain.body",
        plugin(
            {
                "request_body#2": [(_ADD, 1, b"x-a", b"1")],
                "response_body#2": [(_ADD, 3, b"x-a", b"1")],
            }
        ),
        plugin({"request_trailers": [(_ADD, 1, b"x-b", b"1")]}),
        steps=(Exchange(request=_BODY, reply=outcomes.reply(answer(chunks=(b"ABC", b"DEF")))),),
    ),
    _chain(
        "properties",
        "chain.properties",
        plugin({"request_headers": [("proxy_set_property", b"mine", b"from a")]}),
        plugin(
            {
                "request_headers": [
                    ("proxy_get_property", b"mine"),
                    ("proxy_get_property", b"plugin_name"),
                ]
            }
        ),
    ),
    _chain("two-streams", "chain.order lifecycle.two-streams", _A, _B, steps=(_WHOLE, Exchange())),
    _chain(
        "route-refused",
        "chain.order edge.no-path",
        plugin({"request_headers": [("proxy_remove_header_map_value", 0, b":path")]}),
        _B,
    ),
    _chain(
        "trap-inner", "chain.trap", _A, _plugin(b"b", "(unreachable)"), _C, steps=(_WHOLE, _WHOLE)
    ),
    _chain(
        "trap-fail-open",
        "chain.trap trap.fail-open",
        _A,
        Filter(code=_TRAPS, fail_open=True),
        _C,
        steps=(_WHOLE, _WHOLE),
    ),
    _chain(
        "start-order",
        "chain.shared-vm lifecycle.start",
        Filter(code=_A, configuration=b"1"),
        _B,
        Filter(code=_A, configuration=b"3"),
        steps=(),
    ),
)
