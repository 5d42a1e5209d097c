from hypothesis import given
from hypothesis import strategies as st

from wasmctl.envoy.peers import protocol
from wasmctl.envoy.peers.protocol import Received
from wasmctl.messages import Message

_PAIRS = st.lists(st.tuples(st.binary(), st.binary())).map(tuple)
_MESSAGES = st.builds(
    Message, headers=_PAIRS, chunks=st.lists(st.binary()).map(tuple), trailers=_PAIRS
)


@given(_MESSAGES)
def test_a_message_arrives_as_it_was_sent(message: Message) -> None:
    line = protocol.line(protocol.from_message(message))

    assert line.count("\n") == 1
    assert protocol.to_message(protocol.document(line)) == message


@given(
    st.builds(
        Received,
        message=_MESSAGES,
        complete=st.booleans(),
        reset=st.none() | st.integers(0, 2**32 - 1),
    )
)
def test_what_was_received_arrives_as_it_was_sent(received: Received) -> None:
    line = protocol.line(protocol.from_received(received))

    assert protocol.to_received(protocol.document(line)) == received
