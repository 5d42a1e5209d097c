"""What Envoy's log tells of callbacks and hostcalls: the component ``wasm`` at level trace.

A line each for the call and the return, both ways: ``[host->vm] proxy_on_log(2)``,
``[host<-vm] proxy_on_log return: void``, ``[vm->host] env.proxy_log(2, 16, 9)``,
``[vm<-host] env.proxy_log return: 0``. Arguments are numbers; what they point at is not told.
"""

import re
from collections.abc import Iterable

from wasmctl.envoy.logs import Entry

_CALLED = re.compile(r"\[host->vm\] ((?:proxy|envoy)_on_\w+|_initialize|_start|main)\(")
_STREAM_RETURNED = re.compile(
    r"\[host<-vm\] (proxy_on_(?:request|response)_(?:headers|body|trailers)) return: (\d+)"
)
# Hostcalls after which a callback may come that resumes a paused stream.
_PROMISED = re.compile(
    r"\[vm->host\] env\.proxy_"
    r"(?:http_call|grpc_call|grpc_stream|set_tick_period_milliseconds|register_shared_queue)\("
)


def last_callback(entries: Iterable[Entry]) -> str | None:
    """Return the callback that began last."""
    names = [found[1] for entry in entries if (found := _CALLED.match(entry.text))]
    return names[-1] if names else None


def unreturned(last: Entry | None) -> str | None:
    """Return the callback that has begun and not returned, if ``last`` is all it has done."""
    return last_callback([last]) if last else None


def paused_at(entries: Iterable[Entry]) -> str | None:
    """Return the callback that stopped its stream for good, if the last one did.

    Not if anything was called that may resume the stream later.
    """
    name, returned = None, "0"
    for entry in entries:
        if _PROMISED.match(entry.text):
            return None
        found = _STREAM_RETURNED.match(entry.text)
        name, returned = (found[1], found[2]) if found else (name, returned)
    return name if returned != "0" else None
