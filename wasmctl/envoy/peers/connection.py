"""What the loop needs of a connection, whatever is spoken on it."""

from functools import partial
from typing import Protocol

from wasmctl.envoy.peers.exchange import Exchange
from wasmctl.envoy.peers.parts import Part
from wasmctl.envoy.peers.wire import Wire


class Connection(Protocol):
    """An open connection.

    Attributes:
        exchanges: its streams, those that are over left out.
        fresh: the streams that the other side has begun, until somebody takes them.

    """

    wire: Wire
    exchanges: list[Exchange]
    fresh: list[Exchange]

    @property
    def takes_requests(self) -> bool:
        """Whether another stream can be begun."""

    def open(self) -> Exchange:
        """Begin a stream."""

    def read(self) -> None:
        """Take in what has arrived, and answer what the protocol asks for."""

    def perform(self, exchange: Exchange, part: Part) -> bool:
        """Do a part of a script; False where it has to wait."""


def play(connection: Connection, now: float) -> bool:
    """Let each stream do what it can; return whether anything was done."""
    active = [exchange for exchange in connection.exchanges if not exchange.is_played]
    done = [exchange.play(partial(connection.perform, exchange), now) for exchange in active]
    connection.exchanges[:] = [each for each in connection.exchanges if not each.is_over]
    return any(done)
