"""Values that a test takes from what it has seen."""

import pytest

from wasmctl import messages
from wasmctl.abi.types import LogLevel
from wasmctl.records import LogLine
from wasmctl.testing import captures
from wasmctl.testing.blame import Blame
from wasmctl.testing.observation import Observation, Seen
from wasmctl.testing.scalars import Value

SEEN = Observation(
    configured=True,
    client=Seen(
        message=messages.response(
            201,
            headers=((b"set-cookie", b"id=1"), (b"set-cookie", b"id=22; path=/")),
            chunks=(b'{"user": {"id": 7, ', b'"names": ["ada"]}}'),
            trailers=((b"x-t", b"end"),),
        )
    ),
    upstream=(
        Seen(message=messages.request("/1", method="PUT")),
        Seen(message=messages.request("/2", authority="b.test")),
    ),
    logs=(LogLine(level=LogLevel.INFO, text="took 5 ms"), LogLine(level=LogLevel.INFO, text="end")),
)


def taken(written: Value, seen: Observation = SEEN) -> str | None:
    blame = Blame()
    (capture,) = captures.read({"it": written}, blame)
    assert blame.wrongs == []
    return captures.take(capture, seen)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("client.status", "201"),
        ("client.headers.set-cookie", "id=22; path=/"),
        ({"from": "client.headers.Set-Cookie", "search": r"id=(\d+)"}, "22"),
        ({"from": "client.headers.set-cookie", "search": r"id=\d$"}, "id=1"),
        ({"from": "client.body", "json": ["user", "id"]}, "7"),
        ({"from": "client.body", "json": ["user", "names", 0]}, "ada"),
        ({"from": "client.body", "json": ["user", "none"]}, None),
        ({"from": "client.headers.set-cookie", "json": ["a"]}, None),
        ("client.trailers.x-t", "end"),
        ("upstream.path", "/2"),
        ("upstream.authority", "b.test"),
        ("logs", "end"),
        ({"from": "logs", "search": "took ([0-9]+)"}, "5"),
        ({"from": "logs", "search": "none"}, None),
        ("callouts.path", None),
    ],
)
def test_the_latest_that_fits_is_taken(written: Value, value: str | None) -> None:
    assert taken(written) == value


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({}, "expected a map of names, not an empty map"),
        ({"a b": "logs"}, "'a b' is not a name: letters, digits and _"),
        ({"a": 1}, "expected where it is, or a map, not a number"),
        ({"a": {"from": "logs", "serch": "x"}}, "unknown key 'serch'; did you mean 'search'?"),
        ({"a": "client.bdoy"}, "expected where the value is; did you mean 'client.body'?"),
        ({"a": "client.headers"}, "expected where the value is; did you mean 'client.headers'?"),
        ({"a": {"search": "x"}}, "expected where the value is; as in client.body"),
        ({"a": {"from": "logs", "search": "("}}, "missing )"),
        ({"a": {"from": "client.body", "json": "user"}}, "expected the keys on the way to the va"),
    ],
)
def test_what_is_none_is_told(written: Value, message: str) -> None:
    blame = Blame()

    captures.read(written, blame)

    assert blame.wrongs[0].message.startswith(message)


def test_a_mark_stands_for_a_value_until_it_is_there() -> None:
    written: Value = {"path": f"/{captures.mark('a')}", "list": [captures.mark("b"), 1]}

    assert captures.is_marked(written)
    assert captures.filled(written, {"a": "x", "b": "y"}) == {"path": "/x", "list": ["y", 1]}
    assert not captures.is_marked({"path": "/a", "n": 1})
