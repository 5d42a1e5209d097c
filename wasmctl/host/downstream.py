"""The client's end: its connections, each known by the address that the client has.

Requests from one address come on one connection. Source: Envoy source/common/http/utility.cc
(``getLastAddressFromXFF``): without ``use_remote_address``, as here, the last address of
x-forwarded-for is taken for the client's, with the port 0.
"""

import ipaddress
from dataclasses import dataclass, field

from wasmctl.host.filter_state import StateObject
from wasmctl.messages import Message

CLIENT = "127.0.0.1:40000"
"""Where requests come from, unless somebody says otherwise."""

LISTENER = "127.0.0.1:10000"
"""Where they come to."""


@dataclass(kw_only=True)
class Connection:
    """A connection of a client.

    Attributes:
        id: counted from 1.
        source: the client's address and port.
        filter_state: what lives as long as the connection.

    """

    id: int
    source: str
    filter_state: dict[bytes, StateObject] = field(default_factory=dict)

    def seen_from(self, request: Message) -> str:
        """Return the address and port that a request's client seems to have."""
        forwarded = b",".join(request.values(b"x-forwarded-for"))
        if not forwarded:
            return self.source
        last = forwarded.rpartition(b",")[2].strip().decode(errors="replace")
        try:
            found = ipaddress.ip_address(last)
        except ValueError:
            return self.source
        is_new = isinstance(found, ipaddress.IPv6Address)
        return f"[{found}]:0" if is_new else f"{found}:0"


class Connections:
    """All connections of a host."""

    def __init__(self) -> None:
        self._by_source: dict[str, Connection] = {}

    def get(self, source: str) -> Connection:
        """Return the connection from an address, a new one's if there is none."""
        if source not in self._by_source:
            connection = Connection(id=len(self._by_source) + 1, source=source)
            self._by_source[source] = connection
        return self._by_source[source]
