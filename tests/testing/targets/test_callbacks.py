from collections.abc import Iterator

import pytest

from tests.host.plugins import Statement, plugin
from wasmctl import messages
from wasmctl.host import Host
from wasmctl.testing.callbacks import Callback, CallbackSeen, Called
from wasmctl.testing.targets.callbacks import HostCallbacks

REQUEST = messages.request("/", method="POST").headers
RESPONSE = messages.response(200).headers
ADD: Statement = ("proxy_add_header_map_value", 0, b"x-a", b"1")
HOLD = "(return (i32.const 1))"
MODULE = plugin(
    {
        "request_headers": [ADD],
        "request_body": [
            "(if (i32.eqz (local.get 2)) (then (return (i32.const 1))))",
            ("proxy_set_buffer_bytes", 0, 0, 2, b"XY"),
        ],
        "request_trailers": [("proxy_add_header_map_value", 1, b"x-t", b"2")],
        "response_headers": [HOLD],
        "log": [("proxy_log", 2, b"the end")],
        "done": [],
    }
)


@pytest.fixture
def host() -> Iterator[Host]:
    with Host.start(MODULE, trace=True) as started:
        yield started


@pytest.fixture
def callbacks(host: Host) -> HostCallbacks:
    return HostCallbacks(host, lambda: 0)


def headers(
    callbacks: HostCallbacks, stream: str = "stream", *, ends: bool = False
) -> CallbackSeen:
    called = Called(callback=Callback.REQUEST_HEADERS, stream=stream, pairs=REQUEST, ends=ends)
    return callbacks.play(called)


def test_a_callback_shows_what_it_returned_and_made_of_the_headers(
    callbacks: HostCallbacks,
) -> None:
    seen = headers(callbacks)

    assert (seen.result, seen.paused, seen.ends) == (0, False, False)
    assert seen.pairs is not None
    assert seen.pairs[-1] == (b"x-a", b"1")


def test_a_body_is_held_and_then_goes_on(callbacks: HostCallbacks) -> None:
    headers(callbacks)

    held = callbacks.play(Called(callback=Callback.REQUEST_BODY, chunks=(b"one",)))
    gone = callbacks.play(Called(callback=Callback.REQUEST_BODY, chunks=(b"two",), ends=True))

    assert (held.paused, held.body, held.ends) == (True, b"one", False)
    assert (gone.paused, gone.body, gone.ends) == (False, b"XYetwo", True)


def test_trailers_are_shown_as_they_were_left(callbacks: HostCallbacks) -> None:
    headers(callbacks)

    seen = callbacks.play(Called(callback=Callback.REQUEST_TRAILERS, pairs=((b"x-s", b"1"),)))

    assert seen.pairs == ((b"x-s", b"1"), (b"x-t", b"2"))


def test_a_response_can_be_held(callbacks: HostCallbacks) -> None:
    headers(callbacks, ends=True)

    seen = callbacks.play(Called(callback=Callback.RESPONSE_HEADERS, pairs=RESPONSE))

    assert (seen.result, seen.paused) == (1, True)
    assert seen.pairs is not None
    assert seen.pairs[0] == (b":status", b"200")


def test_a_callback_that_the_plugin_does_not_have_returns_nothing(
    callbacks: HostCallbacks,
) -> None:
    headers(callbacks, ends=True)

    seen = callbacks.play(Called(callback=Callback.RESPONSE_BODY, chunks=(b"a",)))

    assert (seen.result, seen.paused) == (None, None)


def test_a_stream_is_closed_and_logged(callbacks: HostCallbacks, host: Host) -> None:
    headers(callbacks, "a")
    headers(callbacks, "b")

    callbacks.play(Called(callback=Callback.STREAM_CLOSE, stream="a"))

    assert [line.text for line in host.logs] == ["the end"]


def test_a_stream_that_was_not_opened_takes_nothing(callbacks: HostCallbacks) -> None:
    seen = callbacks.play(Called(callback=Callback.REQUEST_BODY, stream="none", chunks=(b"a",)))

    assert seen == CallbackSeen()


def test_a_shutdown_ends_the_plugin(callbacks: HostCallbacks, host: Host) -> None:
    callbacks.play(Called(callback=Callback.SHUTDOWN))

    assert host.trace[-1].function == "proxy_on_done"
