"""Compression: zlib's own format, at its default level."""

import zlib

from wasmctl.abi.types import Status
from wasmctl.host.context import Context
from wasmctl.host.hostcall import HostcallError

# Envoy knows no limit; a plugin could have it unpack a hundred gigabytes from its memory.
_LIMIT = 1 << 26


def compress(_context: Context, content: bytes) -> bytes:
    """Return the bytes compressed."""
    return zlib.compress(content)


def uncompress(_context: Context, content: bytes) -> bytes:
    """Return what was compressed; whatever follows it is ignored."""
    machine = zlib.decompressobj()
    try:
        result = machine.decompress(content, _LIMIT)
    except zlib.error as error:
        reason = f"the argument's {len(content)} bytes are not compressed: {error}"
        raise HostcallError(Status.SERIALIZATION_FAILURE, reason) from error
    if not machine.eof:
        fault = "are more than this host unpacks" if machine.unconsumed_tail else "are not all"
        reason = f"the argument's {len(content)} compressed bytes {fault}"
        raise HostcallError(Status.SERIALIZATION_FAILURE, reason)
    return result
