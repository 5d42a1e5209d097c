import socket
from collections.abc import Iterator

import pytest

from wasmctl.envoy.peers.loop import Loop
from wasmctl.envoy.peers.parts import Data, Pause
from wasmctl.envoy.peers.tcp import TcpConnection

_SECONDS = 30.0


class _Sides:
    """Two connections in one loop, and the text that the second has received."""

    def __init__(self, loop: Loop, one: socket.socket, other: socket.socket) -> None:
        self.loop = loop
        self.one = TcpConnection(one)
        self.other = TcpConnection(other)
        self.sending, self.receiving = self.one.open(), self.other.open()
        for connection in (self.one, self.other):
            loop.attach(connection, lambda: None)

    @property
    def text(self) -> bytes:
        return self.receiving.incoming.body


@pytest.fixture
def sides() -> Iterator[_Sides]:
    """Both sides of a connection."""
    loop = Loop()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        opened = socket.create_connection(listening.getsockname())
        sides = _Sides(loop, opened, listening.accept()[0])
    yield sides
    loop.close_all()


def test_it_goes_on_until_it_is_done(sides: _Sides) -> None:
    sides.sending.add((Pause(seconds=0.01), Data(content=b"a"), Data(content=b"b")))

    sides.loop.until(lambda: sides.text == b"ab", seconds=_SECONDS)

    assert sides.text == b"ab"


def test_it_ends_with_its_time(sides: _Sides) -> None:
    sides.sending.add((Data(content=b"a"), Pause(seconds=_SECONDS), Data(content=b"b")))

    sides.loop.until(lambda: False, seconds=0.01)

    assert sides.text == b"a"


def test_it_ends_when_nothing_happens_but_for_pauses(sides: _Sides) -> None:
    sides.sending.add((Pause(seconds=0.1), Data(content=b"a")))

    sides.loop.until(lambda: False, seconds=_SECONDS, quiet=0.01)

    assert sides.text == b"a"


def test_what_the_socket_does_not_take_at_once_is_sent_all_the_same(sides: _Sides) -> None:
    sides.sending.add((Data(content=bytes(8_000_000)), Data(content=b"", end=True)))

    sides.loop.until(lambda: sides.receiving.received.complete, seconds=_SECONDS)

    assert len(sides.text) == 8_000_000


def test_a_closed_connection_is_forgotten(sides: _Sides) -> None:
    sides.loop.turn(0)

    sides.loop.drop(sides.one)
    sides.loop.until(lambda: sides.receiving.received.complete, seconds=_SECONDS)

    assert sides.receiving.received.complete
    assert not sides.loop.turn(0)
