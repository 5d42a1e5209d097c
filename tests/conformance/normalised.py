"""What cannot be equal between two machines, each with its reason; all else is compared."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from tests.conformance.seen import Seen, Side
from wasmctl.messages import FRAME_SIZE, Message, Pair
from wasmctl.records import LogLine

# The page of parity lists these.
NORMALISATIONS = {
    "date": "Envoy's own responses bear the time of day",
    "frames": "frames of no bytes count only as the plugin's callbacks",
    "joined": "what Envoy gets of a request before it is connected, it joins, and when that is, is"
    " chance: bodies that reach an upstream are compared as bytes, not as frames",
    "cut": "whether the beginning of a request that never ends reaches the origin depends on how"
    " soon Envoy is connected: requests that are whole are compared",
    "queue-tokens": "counted per process: the first queue of a case is 1",
    "cas": "counted per process: the first one of a case is 1",
    "backtrace": "V8's offsets are not Wasmtime's: of a trap, the callback and the kind",
    "histograms": "Envoy tells quantiles, not samples; and what is 0 may not be there",
    "order": "Envoy 1.36 writes headers of one name next to each other: there, their order at the"
    " edges is not compared",
    "process": "ports, connection ids and durations are the machine's own",
}

_DATE = b"<date>"
_TIME_OF_DAY = re.compile(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT")
# The same, in bytes that a plugin has written out in hexadecimal.
_WRITTEN_OUT = re.compile(r"(?:[2-7][0-9a-f]){3}2c20(?:[2-7][0-9a-f]){21}474d54")
_QUEUE = re.compile(
    r"((?:env\.proxy_(?:enqueue|dequeue)_shared_queue\(|proxy_on_queue_ready\(\d+, ))(\d+)"
)
_CAS = re.compile(r"(env\.proxy_set_shared_data\((?:\d+, ){4})([1-9]\d*)")


def message(found: Message) -> Message:
    """Return a message without what differs from run to run."""
    return Message(
        headers=tuple(map(_pair, found.headers)),
        chunks=tuple(piece for chunk in found.chunks for piece in _frames(chunk)),
        trailers=found.trailers,
    )


def joined(found: Message) -> Message:
    """Return a message with its body in one piece."""
    return replace(found, chunks=(found.body,) if found.body else ())


def _frames(chunk: bytes) -> list[bytes]:
    return [chunk[at : at + FRAME_SIZE] for at in range(0, len(chunk), FRAME_SIZE)]


def _pair(pair: Pair) -> Pair:
    name, value = pair
    return (name, _DATE) if name == b"date" else (name, value)


def whole(sides: Iterable[Side]) -> tuple[Side, ...]:
    """Return the requests that came to their end, by their paths: streams may be side by side."""
    found = (replace(side, message=joined(side.message)) for side in sides if side.complete)
    return tuple(sorted(found, key=lambda side: side.message.values(b":path")))


def log(line: LogLine) -> LogLine:
    """Return a message without the time of day."""
    text = _WRITTEN_OUT.sub("<date>", _TIME_OF_DAY.sub("<date>", line.text))
    return LogLine(level=line.level, text=text)


def grouped(found: Seen) -> Seen:
    """Return what was seen with the headers of one name next to each other, at both edges."""
    return replace(
        found,
        client=tuple(side and _grouped(side) for side in found.client),
        upstream=tuple(_grouped(side) for side in found.upstream),
    )


def _grouped(side: Side) -> Side:
    names = list(dict.fromkeys(name for name, _ in side.message.headers))
    headers = sorted(side.message.headers, key=lambda pair: names.index(pair[0]))
    return replace(side, message=replace(side.message, headers=tuple(headers)))


def metrics(found: Mapping[str, int]) -> dict[str, int]:
    """Return the counters and gauges that are not 0; names of histograms end in ``_h``."""
    return {name: value for name, value in found.items() if value and not name.endswith("_h")}


def trace(lines: Iterable[str]) -> tuple[str, ...]:
    """Return trace lines with the tokens of queues and the cas of shared data counted from one."""
    tokens, cas = _Count(), _Count()
    return tuple(_CAS.sub(cas, _QUEUE.sub(tokens, line)) for line in lines)


class _Count:
    """Puts the place of a number's first appearance in place of the number."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}

    def __call__(self, found: re.Match[str]) -> str:
        place = self._places.setdefault(found[2], len(self._places) + 1)
        return f"{found[1]}{place}"
