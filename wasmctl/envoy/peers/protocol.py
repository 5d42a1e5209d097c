"""What we and the peers' process say to each other: one JSON document a line.

The values are dataclasses, written as ``{"ClassName": {field: value}}``; bytes travel as text of
one character a byte (Latin-1), which every byte has, enumerations by their value.
"""

import json
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum, StrEnum
from typing import get_args

from wasmctl.envoy.peers.parts import Codec, Part, Rule, Script, Stage
from wasmctl.envoy.peers.received import Answer, Ending, Received
from wasmctl.messages import Message

# On the peers' command line: before the name of an upstream that speaks TCP.
TCP = "tcp:"


class Until(StrEnum):
    """What to wait for in a stream of the client; whatever has ended has come to all of them."""

    DONE = "done"  # the answer has ended
    REQUEST_SENT = "request_sent"  # the client has done all that it was told to
    RESPONSE_STARTED = "response_started"  # the answer's headers are here


@dataclass(frozen=True, kw_only=True)
class SetRules:
    """Let an upstream follow these rules, for requests from now on; answered with Done."""

    upstream: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, kw_only=True)
class SetRefusing:
    """Close an upstream's port and connections, or open the port again; answered with Done."""

    upstream: str
    refusing: bool


@dataclass(frozen=True, kw_only=True)
class Release:
    """Let an upstream go on with a request that it holds; answered with Done.

    ``request`` is its number among all that were seen, None the oldest that is held.
    """

    upstream: str
    script: Script
    request: int | None


@dataclass(frozen=True, kw_only=True)
class Begin:
    """Begin a stream of the client on a connection that both have names; answered with Done.

    ``source`` is the address from which a new connection comes.
    """

    stream: str
    port: int
    codec: Codec
    connection: str
    script: Script
    source: str


@dataclass(frozen=True, kw_only=True)
class GoOn:
    """Let a stream of the client go on; answered with Done.

    ``instead``: what it was told before and has not done is forgotten.
    """

    stream: str
    script: Script
    instead: bool


@dataclass(frozen=True, kw_only=True)
class Wait:
    """Wait for a stream of the client; answered with Answer.

    Attributes:
        quiet: also return when for so many seconds nothing has happened on any connection.
        held: also return when an upstream holds a request that was not told of before.

    """

    stream: str
    until: Until
    seconds: float
    quiet: float | None
    held: bool


@dataclass(frozen=True, kw_only=True)
class Look:
    """Wait until an upstream has seen so many begin and end; answered with Requests."""

    upstream: str
    begun: int
    ended: int
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Forget:
    """Close all connections, forget all rules and requests; answered with Done."""


@dataclass(frozen=True, kw_only=True)
class Done:
    """It is done, or could not be."""

    did: bool = True


@dataclass(frozen=True, kw_only=True)
class Requests:
    """What an upstream has seen, in the order of its beginning."""

    requests: tuple[Received, ...]


Command = SetRules | SetRefusing | Release | Begin | GoOn | Wait | Look | Forget
Result = Done | Answer | Requests

_VALUES = (Received, Message, Rule, Ending, Until, Codec, Stage)
_KINDS: dict[str, type] = {
    kind.__name__: kind
    for kind in (*get_args(Command), *get_args(Result), *get_args(Part), *_VALUES)
}
_BYTES = "bytes"


def line(value: Command | Result) -> str:
    """Return what is said as its line."""
    return json.dumps(_plain(value)) + "\n"


def value(text: str | bytes) -> object:
    """Read a line.

    Raises ValueError where it is none.
    """
    return _read(json.loads(text))


def _plain(found: object) -> object:
    match found:
        case bytes():
            return {_BYTES: found.decode("latin-1")}
        case tuple():
            return [_plain(part) for part in found]
        case Enum():
            return {type(found).__name__: found.value}
        case _ if is_dataclass(found):
            named = {field.name: _plain(getattr(found, field.name)) for field in fields(found)}
            return {type(found).__name__: named}
        case _:
            return found


def _read(found: object) -> object:
    match found:
        case list():
            return tuple(_read(part) for part in found)
        case dict():
            ((name, content),) = found.items()
            return _named(name, content)
        case _:
            return found


def _named(name: str, content: object) -> object:
    if name == _BYTES:
        return str(content).encode("latin-1")
    if isinstance(content, dict):
        return _KINDS[name](**{key: _read(part) for key, part in content.items()})
    return _KINDS[name](content)
