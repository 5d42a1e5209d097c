"""How the versions of HTTP cut a message, as plugins see it."""

from enum import StrEnum

from wasmctl.messages import Message, Pair


class HttpProtocol(StrEnum):
    """A version of HTTP, as the property ``request.protocol`` names it."""

    HTTP_1_1 = "HTTP/1.1"
    HTTP_2 = "HTTP/2"

    def framed(self, message: Message) -> tuple[tuple[bytes, ...], tuple[Pair, ...]]:
        """Return a message's body as it is cut, the last frame of which ends it, and its trailers.

        The end of a body in HTTP/1.1 comes by itself, as a frame without bytes, and its trailers
        do not come at all (Envoy's ``enable_trailers`` is off by default).
        """
        if self is _HTTP_2:
            return message.chunks, message.trailers
        return (*message.chunks, b"") if message.chunks else (), ()


_HTTP_2 = HttpProtocol.HTTP_2
