from collections.abc import Iterator

import pytest

from tests.envoy.peers import pairs
from tests.envoy.peers.pairs import Pair
from wasmctl.envoy.peers.exchange import Exchange
from wasmctl.envoy.peers.parts import Await, AwaitBody, Close, Data, Part, Reset, Script
from wasmctl.envoy.peers.received import Ending
from wasmctl.envoy.peers.tcp import TcpConnection


@pytest.fixture
def pair() -> Iterator[Pair]:
    """A client and a server."""
    with pairs.connected(TcpConnection, TcpConnection) as pair:
        yield pair


def _talk(pair: Pair, client: Script, server: Script) -> tuple[Exchange, Exchange]:
    serving = pair.server.open()
    serving.add(server)
    return pair.begin(client), serving


def test_bytes_go_both_ways(pair: Pair) -> None:
    client, server = _talk(
        pair,
        (Data(content=b"he"), Data(content=b"llo")),
        (AwaitBody(size=5), Data(content=b"\xff")),
    )

    assert server.incoming.body == b"hello"
    assert client.incoming.body == b"\xff"
    assert client.received.ending is server.received.ending is Ending.OPEN


def test_a_side_waits_for_what_it_is_told(pair: Pair) -> None:
    client, server = _talk(pair, (Data(content=b"qu"),), (AwaitBody(content=b"it"), Close()))
    waited = not server.is_played

    client.add((Data(content=b"it"),))
    pair.talk()

    assert waited
    assert server.received.ending is Ending.OURS


def test_a_half_closed_connection_goes_on_in_the_other_direction(pair: Pair) -> None:
    client, server = _talk(
        pair,
        (Data(content=b"ask", end=True),),
        (Await(), Data(content=b"answer", end=True)),
    )

    assert server.received.complete
    assert client.received.complete
    assert client.incoming.body == b"answer"


def test_a_connection_that_both_have_ended_is_closed(pair: Pair) -> None:
    _talk(pair, (Data(content=b"", end=True),), (Data(content=b"", end=True),))

    assert not pair.client.wire.is_open
    assert not pair.server.wire.is_open


@pytest.mark.parametrize(("part", "ending"), [(Close(), Ending.END), (Reset(), Ending.ABORTED)])
def test_a_connection_that_is_broken_off_keeps_what_came_before(
    pair: Pair, part: Part, ending: Ending
) -> None:
    client, server = _talk(pair, (Data(content=b"a"), part), ())

    assert server.incoming.body == b"a"
    assert server.received.ending is ending
    assert client.received.ending is Ending.OURS


def test_a_connection_is_one_stream(pair: Pair) -> None:
    pair.begin(())

    assert not pair.client.takes_requests
