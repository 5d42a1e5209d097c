"""What cannot be equal between two machines, each with its reason; all else is compared."""

import re
from collections.abc import Iterable

from wasmctl.messages import Message, Pair

# The page of parity lists these.
NORMALISATIONS = {
    "date": "Envoy's own responses bear the time of day",
    "frames": "Envoy joins what waits until it is connected to the upstream: bodies are compared"
    " as bytes, the frames as the plugin's callbacks",
    "queue-tokens": "counted per process: the first queue of a case is 1",
    "backtrace": "V8's offsets are not Wasmtime's: of a trap, the callback and the kind",
    "process": "ports, connection ids and durations are the machine's own",
}

_DATE = b"<date>"
_QUEUE = re.compile(
    r"((?:env\.proxy_(?:enqueue|dequeue)_shared_queue\(|proxy_on_queue_ready\(\d+, ))(\d+)"
)


def message(found: Message) -> Message:
    """Return a message without what differs from run to run."""
    return Message(
        headers=tuple(map(_pair, found.headers)),
        chunks=(found.body,) if found.body else (),
        trailers=found.trailers,
    )


def _pair(pair: Pair) -> Pair:
    name, value = pair
    return (name, _DATE) if name == b"date" else (name, value)


def trace(lines: Iterable[str]) -> tuple[str, ...]:
    """Return trace lines with the tokens of queues counted from one."""
    tokens: dict[str, str] = {}

    def counted(found: re.Match[str]) -> str:
        return found[1] + tokens.setdefault(found[2], str(len(tokens) + 1))

    return tuple(_QUEUE.sub(counted, line) for line in lines)
