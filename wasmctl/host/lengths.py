"""What messages say of their length, and what plugins do to their bodies."""

from wasmctl.host import edge
from wasmctl.host.peer import Peer
from wasmctl.messages import Message, Pair

_BODILESS = (204, 304)


def is_stale(peer: Peer, headers: tuple[Pair, ...], size: int) -> bool:
    """Whether a message's plugins left it with a length that its body does not have.

    ``headers`` and ``size`` are its headers, and how large its body was, as it arrived: one that
    came with a wrong length is none of their making.
    """
    said = edge.declared_size(peer.headers) if peer.headers else None
    if said is None or said == peer.body_size:
        return False
    declared = dict(headers).get(b"content-length")
    return declared in (None, b"%d" % size) or declared != b"%d" % said


def is_bodiless(request: Message, status: int | None) -> bool:
    """Whether a response has no body, whatever its headers say."""
    return (b":method", b"HEAD") in request.headers or status in _BODILESS
