"""One stream of a peer: what it has received, and the script that it plays."""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from wasmctl.envoy.peers.parts import (
    Await,
    AwaitBody,
    Data,
    Headers,
    Hold,
    Part,
    Pause,
    Rule,
    Script,
    Stage,
)
from wasmctl.envoy.peers.received import Ending, Received
from wasmctl.messages import Message, Pair


@dataclass(kw_only=True)
class Incoming:
    """A message that is being received; ``headers`` is None before it begins."""

    headers: tuple[Pair, ...] | None = None
    chunks: list[bytes] = field(default_factory=list)
    trailers: tuple[Pair, ...] = ()
    ending: Ending = Ending.OPEN
    code: int | None = None
    bare_end: bool = False

    @property
    def body(self) -> bytes:
        """The body so far."""
        return b"".join(self.chunks)

    def end(self, ending: Ending) -> None:
        """Note the end, unless it has ended before."""
        if self.ending is Ending.OPEN:
            self.ending = ending


class Exchange:
    """A stream.

    Attributes:
        number: its number in the protocol, where it has one.
        rule: the number of the rule that an upstream follows in it.
        connection: the number of its connection.
        has_sent_end: whether our side has ended it.

    """

    def __init__(self, number: int = 0) -> None:
        self.number = number
        self.incoming = Incoming()
        self.rule: int | None = None
        self.connection = 0
        self.has_sent_end = False
        self._script: deque[Part] = deque()
        self._due: float | None = None

    @property
    def received(self) -> Received:
        """What has been received so far."""
        incoming = self.incoming
        message = Message(
            headers=incoming.headers or (),
            chunks=tuple(incoming.chunks),
            trailers=incoming.trailers,
        )
        return Received(
            message=message,
            ending=incoming.ending,
            code=incoming.code,
            bare_end=incoming.bare_end,
            connection=self.connection,
            rule=self.rule,
            held=self.is_held,
        )

    @property
    def is_played(self) -> bool:
        """Whether all that was told is done."""
        return not self._script

    @property
    def is_held(self) -> bool:
        """Whether it waits to be told how to go on."""
        return bool(self._script) and isinstance(self._script[0], Hold)

    @property
    def is_over(self) -> bool:
        """Whether both sides have ended it."""
        return self.has_sent_end and self.incoming.ending is not Ending.OPEN

    @property
    def due(self) -> float | None:
        """The time at which a pause ends, if there is one now."""
        return self._due

    def add(self, script: Script) -> None:
        """Do this, after what was told before; when both sides have ended, it is for nobody."""
        if not self.is_over:
            self._script.extend(script)

    def release(self, script: Script) -> None:
        """Do this in place of the hold at which it stands, then what was told to come after."""
        self._script.popleft()
        self._script.extendleft(reversed(script))

    def drop(self) -> None:
        """Forget what was told and is not done."""
        self._script.clear()
        self._due = None

    def follow(self, number: int, rule: Rule) -> None:
        """Do what an upstream's rule says."""
        self.rule = number
        self.add(rule.script)

    def play(self, perform: Callable[[Part], bool], now: float) -> bool:
        """Do what can be done now; return whether that was anything.

        ``perform`` returns False where the connection does not take the part yet.
        """
        count = 0
        while self._script and self._passes(self._script[0], perform, now):
            count += 1
            if self._script:  # a part that breaks the stream off drops what follows
                self._note_done(self._script.popleft())
        return count > 0

    def _note_done(self, part: Part) -> None:
        match part:
            case Headers(end=True) | Data(end=True):
                self.has_sent_end = True
            case _:
                pass

    def _passes(self, part: Part, perform: Callable[[Part], bool], now: float) -> bool:
        match part:
            case Pause():
                return self._is_over_at(part, now)
            case Await(stage=Stage.HEADERS):
                return self.incoming.headers is not None
            case Await():
                return self.incoming.ending is Ending.END
            case AwaitBody():
                body = self.incoming.body
                return len(body) >= part.size and part.content in body
            case Hold():
                return False
            case _:
                return perform(part)

    def _is_over_at(self, pause: Pause, now: float) -> bool:
        if self._due is None:
            self._due = now + pause.seconds
        if now < self._due:
            return False
        self._due = None
        return True


def end_all(exchanges: Iterable[Exchange], ending: Ending) -> None:
    """Note that the connection of these has ended; what they were told cannot be done."""
    for exchange in exchanges:
        exchange.incoming.end(ending)
        exchange.has_sent_end = True
        exchange.drop()
