"""Names and their addresses, as Envoy's resolver tells a plugin of them.

Source: Envoy source/extensions/common/wasm/context.cc (``resolveDns``, ``onResolveDns``); measured
on Envoy 1.40. Nothing is really looked up: a name has the addresses that a tester gives it.
"""

import ipaddress
import struct
from collections.abc import Mapping, Sequence

_TTL = 0  # of what was not asked of any server
_LOCAL = {"localhost": ("::1",)}


class Names:
    """The names that are there; ``given`` has the addresses of each, without ports."""

    def __init__(self, given: Mapping[str, Sequence[str]]) -> None:
        self._given = {**_LOCAL, **given}

    def known(self, name: str) -> bool:
        """Whether a name is known without asking: an address, or this machine's own."""
        return name in _LOCAL or _is_address(name)

    def addresses(self, name: str) -> Sequence[str]:
        """Return a name's addresses, none where it has none."""
        return (name,) if _is_address(name) else self._given.get(name, ())


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def written(addresses: Sequence[str]) -> bytes:
    """Return what a plugin reads: their number, the time each lives, and each, ended by NUL."""
    head = struct.pack(f"<{1 + len(addresses)}I", len(addresses), *(_TTL for _ in addresses))
    return head + b"".join(_socket(each).encode() + b"\0" for each in addresses)


def _socket(address: str) -> str:
    return f"[{address}]:0" if ":" in address else f"{address}:0"
