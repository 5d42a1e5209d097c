import pytest

from wasmctl import messages
from wasmctl.envoy.peers import scripts
from wasmctl.envoy.peers.parts import Await, Data, Headers, Pause, Raw, Reset, Script
from wasmctl.messages import FRAME_SIZE, Message

_TRAILERS = ((b"x-sum", b"1"),)
_MESSAGE = messages.response(200, chunks=(b"a", b"b"), trailers=_TRAILERS)


@pytest.mark.parametrize(
    ("message", "parts"),
    [
        (Message(headers=_TRAILERS), (Headers(pairs=_TRAILERS, end=True),)),
        (
            Message(headers=_TRAILERS, chunks=(b"a", b"b")),
            (Headers(pairs=_TRAILERS), Data(content=b"a"), Data(content=b"b", end=True)),
        ),
        (
            Message(headers=_TRAILERS, chunks=(b"a",), trailers=_TRAILERS),
            (
                Headers(pairs=_TRAILERS),
                Data(content=b"a"),
                Headers(pairs=_TRAILERS, end=True),
            ),
        ),
        (
            Message(headers=_TRAILERS, chunks=(b"",)),
            (Headers(pairs=_TRAILERS), Data(content=b"", end=True)),
        ),
    ],
)
def test_the_end_stands_at_the_last_part(message: Message, parts: Script) -> None:
    assert scripts.cut(message) == parts


def test_the_end_may_stand_alone() -> None:
    script = scripts.cut(Message(headers=(), chunks=(b"a",)), bare_end=True)

    assert script[1:] == (Data(content=b"a"), Data(content=b"", end=True))


def test_gaps_are_between_pieces_of_the_body() -> None:
    kinds = [type(part) for part in scripts.cut(_MESSAGE, gap=0.5)]

    assert kinds == [Headers, Data, Pause, Data, Headers]


def test_a_chunk_larger_than_a_frame_is_cut() -> None:
    sent = Message(headers=(), chunks=(bytes(FRAME_SIZE * 2 + 1),))

    sizes = [len(part.content) for part in scripts.cut(sent) if isinstance(part, Data)]

    assert sizes == [FRAME_SIZE, FRAME_SIZE, 1]


def test_an_open_end_is_no_end() -> None:
    assert not any(
        part.end for part in scripts.open_ended(_MESSAGE) if isinstance(part, Headers | Data)
    )


def test_a_reply_waits_for_the_request_and_its_delay() -> None:
    script = scripts.reply(_MESSAGE, delay=1)

    assert script == (Await(), Pause(seconds=1), *scripts.cut(_MESSAGE))
    assert scripts.early_reply(_MESSAGE) == scripts.cut(_MESSAGE)


def test_a_reset_stands_in_place_of_the_end() -> None:
    script = scripts.reset_after(Message(headers=(), chunks=(b"a",)), code=7)

    assert script == (Await(), Headers(pairs=()), Data(content=b"a"), Reset(code=7))
    assert scripts.reset(7) == (Await(), Reset(code=7))


def test_garbage_is_sent_as_it_is() -> None:
    assert scripts.garbage(b"\x00") == (Await(), Raw(content=b"\x00"))
