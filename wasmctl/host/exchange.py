"""What came of one request: the value `Host.http` returns."""

from dataclasses import dataclass

from wasmctl.host.active_stream import ActiveStream
from wasmctl.host.hazards import Hazard
from wasmctl.messages import Message
from wasmctl.records import Trap


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One request and its response, at both edges.

    Attributes:
        upstream: what reached the upstream; None where nothing did.
        upstream_complete: whether its end did, too.
        client: what reached the client; None where it got no response.
        client_complete: False where the response was cut off or never came.
        paused_at: the callback at which the plugin stopped the stream for good: nothing could
            resume it, so the client gave up.
        details: why the response is what it is, in Envoy's words (``response.code_details``).
        trap: what ended the plugin during this exchange.
        hazards: mistakes in it that a real proxy would suffer from.

    """

    upstream: Message | None
    upstream_complete: bool
    client: Message | None
    client_complete: bool
    paused_at: str | None
    details: str
    trap: Trap | None
    hazards: tuple[Hazard, ...]


def of(stream: ActiveStream) -> Exchange:
    """Return what came of a stream so far."""
    router, client = stream.router, stream.client
    return Exchange(
        upstream=router.message,
        upstream_complete=router.is_complete,
        client=client.message,
        client_complete=client.peer.complete,
        paused_at=stream.paused_at,
        details=stream.details or "",
        trap=stream.trap,
        hazards=tuple(stream.hazards),
    )
