from hypothesis import given, settings
from hypothesis import strategies as st

from wasmctl.envoy.peers import protocol
from wasmctl.envoy.peers.protocol import Begin, GoOn, Look, Release, Requests, SetRules, Wait
from wasmctl.envoy.peers.received import Answer, Received
from wasmctl.messages import Message

_PAIRS = st.lists(st.tuples(st.binary(), st.binary())).map(tuple)
_MESSAGES = st.builds(
    Message, headers=_PAIRS, chunks=st.lists(st.binary()).map(tuple), trailers=_PAIRS
)
_RECEIVED = st.builds(Received, message=_MESSAGES)
_COMMANDS = st.sampled_from((SetRules, Release, Begin, GoOn, Wait, Look)).flatmap(st.builds)
_RESULTS = st.builds(Answer, received=st.none() | _RECEIVED) | st.builds(
    Requests, requests=st.lists(_RECEIVED).map(tuple)
)


@settings(max_examples=60)
@given(_COMMANDS | _RESULTS)
def test_what_is_said_arrives_as_it_was_said(value: protocol.Command | protocol.Result) -> None:
    line = protocol.line(value)

    assert line.count("\n") == 1
    # The text tells the kinds of all parts, and equals itself where a number does not (NaN).
    assert repr(protocol.value(line)) == repr(value)
