"""The foreign functions expr_create, expr_evaluate and expr_delete, as Envoy 1.40 answered."""

import struct

import pytest

from tests.host.conftest import Start
from tests.host.plugins import OUT, VALUE, Statement, plugin
from tests.host.texts import texts
from wasmctl import messages

CLEAR = "(i64.store (i32.const 16) (i64.const 0))"
REQUEST = messages.request("/a", headers=((b"x", b"1"),))
KEEP_TOKEN = (
    "(if (i32.load (i32.const 20)) (then"
    " (i32.store (i32.const 28) (i32.load (i32.load (i32.const 16))))))"
)


def create(expression: str) -> list[Statement]:
    call: Statement = (
        *("?proxy_call_foreign_function", b"expr_create", expression.encode()),
        *OUT,
    )
    return [CLEAR, call]


def evaluate(token: bytes) -> list[Statement]:
    return [CLEAR, ("?proxy_call_foreign_function", b"expr_evaluate", token, *OUT), VALUE]


def told(start: Start, expression: str, callback: str = "request_headers") -> list[str]:
    """The status of its creation, and the status and the value of its evaluation."""
    token: Statement = ("?proxy_call_foreign_function", b"expr_evaluate", 28, 4, *OUT)
    calls = [
        ("proxy_set_property", b"my", b"val"),
        "(i32.store (i32.const 28) (i32.const 4242))",
        *create(expression),
        KEEP_TOKEN,
        *(CLEAR, token, VALUE),
    ]
    host = start(plugin({callback: calls}), name="plug")
    host.http(REQUEST)
    return texts(host)


def number(value: int) -> str:
    return struct.pack("<q", value).decode(errors="replace")


_TIME = 1767225600 * 10**9

_VALUES = {
    "1+1": ["00", "00", number(2)],
    "-1": ["00", "00", number(-1)],
    "1u": ["00", "00", number(1)],
    "1.5": ["00", "00", struct.pack("<d", 1.5).decode(errors="replace")],
    "true": ["00", "00", "\1"],
    "''": ["00", "00", ""],
    "b'x'": ["00", "00", "x"],
    "null": ["00", "03", ""],
    "type(1)": ["00", "03", ""],
    "{'a':'b'}": ["00", "00", "\1\0\0\0\1\0\0\0\1\0\0\0a\0b\0"],
    "['a']": ["00", "00", "\1\0\0\0\1\0\0\0\0\0\0\0a\0\0"],
    "timestamp('2026-01-01T00:00:00Z')": ["00", "00", number(_TIME)],
    "duration('1s')": ["00", "00", number(10**9)],
    "1/0": ["00", "10", ""],
    f"[{'1,' * 200}].map(a, [{'1,' * 200}].map(b, b))": ["00", "10", ""],
    f"{'(' * 40}1{')' * 40}": ["02", "01", ""],
    "{'b':'1', 'a':'2'}": ["00", "00", "\2\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0a\x002\0b\x001\0"],
    "1 + 'a'": ["00", "10", ""],
    "'x'.matches('x')": ["00", "00", "\1"],
    "request.path": ["00", "00", "/a"],
    "request.path == '/a'": ["00", "00", "\1"],
    "request.path.startsWith('/') && request.size == 0": ["00", "00", "\1"],
    "request.headers['x']": ["00", "00", "1"],
    "request.headers['nope']": ["00", "10", ""],
    "'a' in request.headers": ["00", "00", "\0"],
    "request.nope": ["00", "10", ""],
    "has(request.nope)": ["00", "00", "\0"],
    "has(request.time)": ["00", "00", "\1"],
    "request.time": ["00", "00", number(_TIME)],
    "request.time == timestamp('2026-01-01T00:00:00Z')": ["00", "00", "\1"],
    "request": ["00", "03", ""],
    "nope": ["00", "10", ""],
    "response.code": ["00", "10", ""],
    "plugin_name": ["00", "00", "plug"],
    "my": ["00", "00", "val"],
    "my == b'val'": ["00", "00", "\1"],
    "filter_state['wasm.my']": ["00", "00", "val"],
    "filter_state": ["00", "03", ""],
    "connection.id == 1u": ["00", "00", "\1"],
    "xds.node.id": ["00", "00", "wasmctl"],
    "xds.node": ["00", "00", "\n\7wasmctl\x12\7wasmctl2\5envoy"],
    "metadata": ["00", "00", ""],
    "size(metadata.filter_metadata)": ["00", "00", number(0)],
    "xds": ["00", "03", ""],
    "1+": ["02", "01", ""],
    "": ["02", "01", ""],
    "foo(1)": ["02", "01", ""],
    "'A'.lowerAscii()": ["02", "01", ""],
    "size(1, 2)": ["02", "01", ""],
}


@pytest.mark.parametrize("expression", _VALUES)
def test_an_expression_has_its_value(start: Start, expression: str) -> None:
    assert told(start, expression) == _VALUES[expression]


def test_a_root_context_has_no_stream_to_look_at(start: Start) -> None:
    assert told(start, "request.path", "configure") == ["00", "10", ""]
    assert told(start, "xds.node.id", "configure") == ["00", "00", "wasmctl"]


def test_tokens_are_counted_and_one_that_cannot_be_compiled_counts(start: Start) -> None:
    token = [KEEP_TOKEN, "(call $tell (i32.load (i32.const 28)))"]
    calls = [*create("1"), *token, *create("1+"), *create("foo(1)"), *create("2"), *token]

    host = start(plugin({"configure": calls}))

    assert texts(host) == ["00", "00", "02", "02", "00", "02"]


def test_an_expression_lives_until_it_is_deleted(start: Start) -> None:
    delete: Statement = ("?proxy_call_foreign_function", b"expr_delete", bytes(4), 0, 0)
    calls = [*evaluate(bytes(4)), delete, delete, *evaluate(bytes(4))]
    host = start(plugin({"configure": create("'v'"), "request_headers": calls}))

    host.http(REQUEST)

    assert texts(host) == ["00", "00", "v", "00", "00", "01", ""]


@pytest.mark.parametrize("name", [b"expr_evaluate", b"expr_delete"])
def test_a_token_takes_four_bytes(start: Start, name: bytes) -> None:
    host = start(plugin({"configure": [("?proxy_call_foreign_function", name, b"x", *OUT)]}))

    assert texts(host) == ["02"]
