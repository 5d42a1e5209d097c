"""What we and the peers' process say to each other: one JSON document a line.

Bytes travel as text of one character a byte (Latin-1), which every byte has.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from wasmctl.messages import Message, Pair

Document = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Received:
    """A message as one of the peers saw it.

    Attributes:
        complete: whether its end came.
        reset: the code with which the other side reset the stream (RFC 9113, section 7).

    """

    message: Message
    complete: bool
    reset: int | None = None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the client has got until now.

    Attributes:
        received: None where no answer has begun.
        ended: whether no more will come.

    """

    received: Received | None
    ended: bool


def line(document: Document) -> str:
    """Return a document as its line."""
    return json.dumps(document) + "\n"


def document(text: str | bytes) -> Document:
    """Read a line.

    Raises ValueError where it is none.
    """
    found: Document = json.loads(text)
    return found


def from_message(message: Message) -> Document:
    """Return a message as a document."""
    return {
        "headers": _from_pairs(message.headers),
        "chunks": [_text(chunk) for chunk in message.chunks],
        "trailers": _from_pairs(message.trailers),
    }


def to_message(found: Document) -> Message:
    """Read a message."""
    return Message(
        headers=_to_pairs(found["headers"]),
        chunks=tuple(_bytes(chunk) for chunk in found["chunks"]),
        trailers=_to_pairs(found["trailers"]),
    )


def from_received(received: Received) -> Document:
    """Return what was received as a document."""
    message = from_message(received.message)
    return {"message": message, "complete": received.complete, "reset": received.reset}


def to_received(found: Document) -> Received:
    """Read what was received."""
    message = to_message(found["message"])
    return Received(message=message, complete=found["complete"], reset=found["reset"])


def to_answer(found: Document) -> Answer:
    """Read what the client has got."""
    received = to_received(found["received"]) if found["received"] else None
    return Answer(received=received, ended=found["ended"])


def _from_pairs(pairs: Sequence[Pair]) -> list[list[str]]:
    return [[_text(name), _text(value)] for name, value in pairs]


def _to_pairs(pairs: list[list[str]]) -> tuple[Pair, ...]:
    return tuple((_bytes(name), _bytes(value)) for name, value in pairs)


def _text(content: bytes) -> str:
    return content.decode("latin-1")


def _bytes(text: str) -> bytes:
    return text.encode("latin-1")
