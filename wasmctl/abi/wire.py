"""The serialised forms that cross the boundary: pairs of bytes, and property paths.

Source: specification 0.2.1, "Serialized map"; proxy-wasm-cpp-host ``src/pairs_util.cc``, which
is stricter than the text: no trailing bytes, a NUL after every name and value, at most 1 MiB and
1,024 pairs.
"""

import struct

from wasmctl.messages import Pair

MAX_BYTES = 1 << 20
MAX_PAIRS = 1024
_COUNT_BYTES = 4


def encode_pairs(pairs: tuple[Pair, ...]) -> bytes:
    """Serialise pairs: their count, each one's two lengths, then each name NUL value NUL."""
    lengths = [size for name, value in pairs for size in (len(name), len(value))]
    head = struct.pack(f"<{1 + len(lengths)}I", len(pairs), *lengths)
    return head + b"".join(name + b"\0" + value + b"\0" for name, value in pairs)


def decode_pairs(serialised: bytes) -> tuple[Pair, ...]:
    """Read serialised pairs as Envoy does: whatever is malformed or too large reads as none."""
    if not _COUNT_BYTES <= len(serialised) <= MAX_BYTES:
        return ()
    (count,) = struct.unpack_from("<I", serialised)
    start = _COUNT_BYTES + 8 * count
    if count > MAX_PAIRS or start > len(serialised):
        return ()
    lengths = struct.unpack_from(f"<{2 * count}I", serialised, _COUNT_BYTES)
    parts = _split(serialised, start, lengths)
    return tuple(zip(parts[::2], parts[1::2], strict=True)) if parts is not None else ()


def _split(serialised: bytes, start: int, lengths: tuple[int, ...]) -> list[bytes] | None:
    parts = []
    for length in lengths:
        end = start + length
        if serialised[end : end + 1] != b"\0":
            return None
        parts.append(serialised[start:end])
        start = end + 1
    return parts if start == len(serialised) else None


def decode_path(serialised: bytes) -> tuple[bytes, ...]:
    """Split a property path at its NULs; one NUL at the end is tolerated."""
    return tuple(serialised.removesuffix(b"\0").split(b"\0"))
