"""Mistakes of a plugin that go unseen here and hurt a real proxy, found while it runs.

Each was reproduced on Envoy 1.40. The host carries on as if nothing had happened; whoever uses it
decides what a hazard means, and ``wasmctl test`` fails.
"""

from dataclasses import dataclass
from enum import Enum


class HazardKind(Enum):
    """A mistake: the hostcall that makes it, and what Envoy would do."""

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

    def __init__(self, hostcall: str, words: str) -> None:
        self.hostcall = hostcall
        self.words = words


@dataclass(frozen=True, kw_only=True)
class Hazard:
    """A mistake that a plugin made; ``callback`` is where."""

    kind: HazardKind
    callback: str

    def __str__(self) -> str:
        return f"{self.kind.hostcall} in {self.callback}: {self.kind.words}"
