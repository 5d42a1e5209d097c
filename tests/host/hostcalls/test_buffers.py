"""Buffer hostcalls."""

import pytest

from tests.host.conftest import Start
from tests.host.plugins import OUT, VALUE, Statement, plugin
from tests.host.texts import texts
from wasmctl import messages

POST = messages.request("/", method="POST", chunks=(b"abcd",))


@pytest.mark.parametrize(
    ("start_at", "size", "expected"),
    [(0, 9, "abcd"), (1, 2, "bc"), (4, 1, ""), (9, 9, ""), (0, 0, ""), (0, -1, "abcd")],
)
def test_a_body_is_read_up_to_its_end(
    start: Start, start_at: int, size: int, expected: str
) -> None:
    calls: list[Statement] = [("?proxy_get_buffer_bytes", 0, start_at, size, *OUT), VALUE]
    host = start(plugin({"request_body": calls}))

    host.http(POST)

    assert texts(host) == ["00", expected]


@pytest.mark.parametrize(
    ("buffer", "read", "write"),
    [
        *((0, "00", "02"), (1, "00", "02"), (4, "01", "01"), (5, "00", "02")),
        *((6, "00", "02"), (7, "01", "01"), (8, "00", "02"), (9, "02", "02")),
    ],
)
def test_a_buffer_that_is_not_there_is_empty_or_null(
    start: Start, buffer: int, read: str, write: str
) -> None:
    calls: list[Statement] = [
        ("?proxy_get_buffer_bytes", buffer, 0, 9, *OUT),
        ("?proxy_get_buffer_status", buffer, *OUT),
        ("?proxy_set_buffer_bytes", buffer, 0, 0, b"x"),
    ]
    host = start(plugin({"request_headers": calls}))

    host.http(POST)

    assert texts(host) == [read, read, write]


def test_the_status_is_the_size(start: Start) -> None:
    tell = "(call $tell (i32.load (i32.const 16))) (call $tell (i32.load (i32.const 20)))"
    calls: list[Statement] = [("?proxy_get_buffer_status", 0, *OUT), tell]
    host = start(plugin({"request_body": calls}))

    host.http(POST)

    assert texts(host) == ["00", "04", "00"]


@pytest.mark.parametrize(
    ("start_at", "size", "status", "expected"),
    [
        (0, 0, "00", b"XYabcd"),
        (0, 2, "00", b"XYcd"),
        (0, -1, "00", b"XY"),
        (4, 0, "00", b"abcdXY"),
        (1, 1, "02", b"abcd"),
    ],
)
def test_a_body_is_changed_at_its_start_or_end(
    start: Start, start_at: int, size: int, status: str, expected: bytes
) -> None:
    calls: list[Statement] = [("?proxy_set_buffer_bytes", 0, start_at, size, b"XY")]
    host = start(plugin({"request_body": calls}))

    exchange = host.http(POST)

    assert texts(host) == [status]
    assert exchange.upstream
    assert exchange.upstream.body == expected


def test_a_buffered_body_is_readable_in_the_trailers(start: Start) -> None:
    calls: list[Statement] = [
        ("?proxy_get_buffer_bytes", 0, 0, 9, *OUT),
        VALUE,
        ("?proxy_set_buffer_bytes", 0, 0, 9, b"new"),
    ]
    callbacks = {"request_body": [], "request_trailers": calls}
    host = start(plugin(callbacks, returns={"request_body": 1}))
    request = messages.request("/", chunks=(b"ab", b"c"), trailers=((b"t", b"1"),))

    exchange = host.http(request)

    assert texts(host) == ["00", "abc", "00"]
    assert exchange.upstream
    assert exchange.upstream.body == b"new"
    assert exchange.upstream.trailers == ((b"t", b"1"),)


def test_the_plugins_configuration_is_there_when_it_is_made_and_configured(start: Start) -> None:
    read: list[Statement] = [("?proxy_get_buffer_bytes", 7, 0, 9, *OUT)]
    callbacks = {"context_create": read, "vm_start": read, "configure": read}
    host = start(plugin(callbacks), configuration=b"text")

    assert texts(host) == ["00", "01", "00"]
