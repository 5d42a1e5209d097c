"""Mistakes of a plugin that go unseen here and hurt a real proxy, found while it runs.

Each was reproduced on Envoy 1.40. The host carries on as if nothing had happened; whoever uses it
decides what a hazard means, and ``wasmctl test`` fails.
"""

from dataclasses import dataclass
from enum import Enum


class HazardKind(Enum):
    """A mistake: the hostcall that makes it, if it is one, and what a proxy would do."""

    SENT_TWICE = (
        "proxy_continue_stream",
        "the callback continued the request and then let it pass as well; Envoy sends it twice",
    )
    RESPONSE_TWICE = (
        "proxy_continue_stream",
        "the callback continued the response and then let it pass as well; its headers go twice",
    )
    NO_RESPONSE_YET = (
        "proxy_continue_stream",
        "there is no response to continue yet; Envoy crashes",
    )
    ANSWERED_AT_THE_END = (
        "proxy_send_local_response",
        "the stream is over, and nothing can be answered any more; Envoy crashes",
    )

    ANSWERED_TWICE = (
        "proxy_send_local_response",
        "a response callback sends two responses, and the first ends the stream; Envoy crashes",
    )
    CLOSED_AT_THE_END = (
        "proxy_close_stream",
        "the stream is over already; Envoy crashes",
    )
    BODY_GONE = (
        "proxy_get_buffer_bytes",
        (
            "the body callback returned StopIterationAndWatermark, so its frame is gone when it is"
            " over; Envoy crashes"
        ),
    )
    NEVER_RELEASED = (
        "proxy_continue_stream",
        (
            "the callback continued the stream and stopped it again by what it returned; the body"
            " behind the headers stays where it is"
        ),
    )
    EMPTIED_HEADERS = (
        "proxy_set_header_map_pairs",
        "the pairs are none, or could not be read; every header is gone",
    )
    NO_GRPC_SERVICE = (
        "proxy_grpc_call",
        "the service is empty; name a cluster, or Envoy aborts",
    )
    STALE_LENGTH = (
        "",
        (
            "the body has another size than content-length says; remove that header in the headers"
            " callback, or the connection breaks"
        ),
    )
    SPLIT_RESPONSE = (
        "",
        (
            "a header of the response has bytes that HTTP forbids; Envoy sends them as they are,"
            " and the client may take them for headers, or a response, of their own"
        ),
    )
    FAILED_WHILE_PAUSED = (
        "",
        "the plugin failed while it held a stream; nothing releases that any more",
    )
    PASSED_BY_TRAILERS = (
        "",
        (
            "the plugin buffers the body for its last callback, and trailers took its place; with"
            " trailers no body callback is the last one, and the body goes on as it is"
        ),
    )

    def __init__(self, hostcall: str, words: str) -> None:
        self.hostcall = hostcall
        self.words = words


@dataclass(frozen=True, kw_only=True)
class Hazard:
    """A mistake that a plugin made; ``callback`` is where."""

    kind: HazardKind
    callback: str

    def __str__(self) -> str:
        where = f"{self.kind.hostcall} in {self.callback}" if self.kind.hostcall else self.callback
        return f"{where}: {self.kind.words}"
