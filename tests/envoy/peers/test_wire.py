import socket
from collections.abc import Iterator

import pytest

from wasmctl.envoy.peers.received import Ending
from wasmctl.envoy.peers.wire import Wire

_MEGABYTES = bytes(8 * 1024 * 1024)


@pytest.fixture
def wires() -> Iterator[tuple[Wire, Wire]]:
    """Both ends of a connection."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        one = Wire(socket.create_connection(listening.getsockname()))
        other = Wire(listening.accept()[0])
    yield one, other
    one.close()
    other.close()


def test_nothing_has_arrived_is_not_the_end(wires: tuple[Wire, Wire]) -> None:
    one, _ = wires

    assert one.receive() is None
    assert one.reads


def test_what_the_socket_does_not_take_is_sent_later(wires: tuple[Wire, Wire]) -> None:
    one, other = wires
    one.send(_MEGABYTES)
    one.half_close()
    had_to_wait = one.has_unsent

    size = 0
    while other.reads:
        size += len(other.receive() or b"")
        one.flush()

    assert had_to_wait
    assert not one.has_unsent
    assert size == len(_MEGABYTES)
    assert other.ending is Ending.CLOSED


def test_a_reset_is_told_from_a_close(wires: tuple[Wire, Wire]) -> None:
    one, other = wires

    one.abort()

    assert other.receive() == b""
    assert other.ending is Ending.ABORTED


def test_what_arrived_before_a_failed_write_can_still_be_read(wires: tuple[Wire, Wire]) -> None:
    one, other = wires
    one.send(b"last words")
    one.abort()

    other.send(b"to nobody")

    assert other.receive() == b"last words"
    assert other.receive() == b""
    assert other.ending is Ending.ABORTED
    assert not other.has_unsent
