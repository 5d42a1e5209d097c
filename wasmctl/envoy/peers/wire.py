"""Bytes on a connected socket that never waits: what has to wait is kept until it can go."""

import errno
import socket
import struct

from wasmctl.envoy.peers.received import Ending

_READ_SIZE = 65536
_NO_LINGER = struct.pack("ii", 1, 0)


class Wire:
    """A connected socket.

    Attributes:
        is_open: whether it may still be written to or read from.
        reads: whether more can come from the other side.
        ending: how the other side ended it: CLOSED or ABORTED.

    """

    def __init__(self, connected: socket.socket) -> None:
        connected.settimeout(0)
        # Small writes go out as they are made: the system would hold them back for 40 ms.
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = connected
        self.is_open = True
        self.reads = True
        self.ending = Ending.OPEN
        self._unsent = bytearray()
        self._is_last = False
        self._was_reset = False

    @property
    def has_unsent(self) -> bool:
        """Whether bytes wait for the socket to take them."""
        return bool(self._unsent)

    def receive(self) -> bytes | None:
        """Return what has arrived, None where nothing has, no bytes where no more will come."""
        if not self.reads:
            return None
        try:
            content = self.socket.recv(_READ_SIZE)
        except BlockingIOError:
            return None
        except OSError:
            self._was_reset = True
            content = b""
        if not content:
            self.reads = False
            self.ending = Ending.ABORTED if self._was_reset else Ending.CLOSED
        return content

    def send(self, content: bytes) -> None:
        """Send bytes, now or as soon as the socket takes them."""
        self._unsent += content
        self.flush()

    def flush(self) -> None:
        """Send what the socket takes now."""
        try:
            while self._unsent:
                del self._unsent[: self.socket.send(self._unsent)]
            if self._is_last and self.is_open:
                self.socket.shutdown(socket.SHUT_WR)
        except BlockingIOError:
            pass
        except OSError as error:
            # What has arrived before the other side broke off can still be read.
            self._was_reset = error.errno in (errno.ECONNRESET, errno.EPIPE)
            self._unsent.clear()

    def half_close(self) -> None:
        """Say that no more will be sent, when all is."""
        self._is_last = True
        self.flush()

    def abort(self) -> None:
        """Close at once, with a RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self.close()

    def close(self) -> None:
        """Close, whatever is unsent or unread."""
        self.is_open = self.reads = False
        self._unsent.clear()
        self.socket.close()
