"""What a peer has received in a stream, and how it ended."""

from dataclasses import dataclass
from enum import StrEnum

from wasmctl.messages import Message


class Ending(StrEnum):
    """How what the other side sends has come to its end, and so who ended it."""

    OPEN = "open"  # it has not
    END = "end"  # whole: END_STREAM, the last chunk, all of the content-length, a TCP half-close
    RESET = "reset"  # the other side reset the stream
    CLOSED = "closed"  # the other side closed the connection
    ABORTED = "aborted"  # the other side reset the connection
    BROKEN = "broken"  # what came is not the protocol; we closed the connection
    OURS = "ours"  # we broke it off
    REFUSED = "refused"  # nobody listens there


@dataclass(frozen=True, kw_only=True)
class Received:
    """A message as one of the peers saw it: unfinished until it is ``complete``.

    Attributes:
        message: what came. In HTTP/2 a chunk is a DATA frame that is not empty, in HTTP/1 a chunk;
            a body with a content-length is one chunk. TCP has only chunks, cut by chance.
        ending: how it ended, if it did.
        code: the code of the other side's RST_STREAM, which may also come after the end, or of
            its GOAWAY.
        bare_end: whether END_STREAM came in a DATA frame without data.
        connection: the number of its connection, in the order of their beginning, from 1.
        rule: an upstream's: the number of the rule that took the request, from 0; None: no rule.
        held: an upstream's: whether its answer waits to be told.

    """

    message: Message
    ending: Ending = Ending.OPEN
    code: int | None = None
    bare_end: bool = False
    connection: int = 0
    rule: int | None = None
    held: bool = False

    @property
    def complete(self) -> bool:
        """Whether its end came."""
        return self.ending is Ending.END


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the client has got until now in one of its streams.

    Attributes:
        received: None where no answer has begun.
        ending: how the stream ended, also where no answer had begun.
        code: the code of the other side's RST_STREAM or GOAWAY.
        is_sent: whether the client has done all that it was told to.

    """

    received: Received | None
    ending: Ending
    code: int | None = None
    is_sent: bool = True

    @property
    def ended(self) -> bool:
        """Whether no more will come."""
        return self.ending is not Ending.OPEN
