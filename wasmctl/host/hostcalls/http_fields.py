"""HTTP fields: headers and trailers.

Source: Envoy source/extensions/common/wasm/context.cc (``getMap``, ``getConstMap`` and what uses
them); proxy-wasm-cpp-host ``src/exports.cc``.
"""

from wasmctl.abi.types import AbiVersion, MapType, Status
from wasmctl.host.context import Context, HttpContext
from wasmctl.host.hazards import HazardKind
from wasmctl.host.hostcall import U32, HostcallError, Pairs, hostcall

_HEADERS = (MapType.HTTP_REQUEST_HEADERS, MapType.HTTP_RESPONSE_HEADERS)


@hostcall
def proxy_get_header_map_size(context: Context, map_type: MapType) -> U32:
    """Return the bytes of all names and values together, as Envoy does: no count of entries."""
    return context.writable_map(map_type).byte_size


@hostcall
def proxy_get_header_map_pairs(context: Context, map_type: MapType) -> Pairs:
    """Return all entries; of a map that is not there now, none."""
    found = context.readable_map(map_type)
    return found.pairs if found is not None else ()


@hostcall
def proxy_set_header_map_pairs(context: Context, map_type: MapType, pairs: Pairs) -> None:
    """Replace all entries; what cannot be parsed has none, and all are gone."""
    if not pairs and isinstance(context, HttpContext) and map_type in _HEADERS:
        kind = HazardKind.EMPTIED_HEADERS
        context.stream.report(kind, context.machine.vm.callback)
    context.writable_map(map_type).assign(pairs)


@hostcall
def proxy_get_header_map_value(context: Context, map_type: MapType, key: bytes) -> bytes:
    """Return the first value of a header."""
    found = context.readable_map(map_type)
    if found is None and not context.is_logging:
        raise HostcallError(Status.BAD_ARGUMENT, f"{map_type.name} is not there now")
    value = found.get(key) if found is not None else None
    if value is not None:
        return value
    if context.machine.abi_version is AbiVersion.V0_1_0:
        return b""
    raise HostcallError(Status.NOT_FOUND, f"there is no header {key!r}")


@hostcall
def proxy_add_header_map_value(
    context: Context, map_type: MapType, key: bytes, value: bytes
) -> None:
    """Add a header, or join the value to the one that cannot repeat."""
    context.writable_map(map_type).add(key, value)


@hostcall
def proxy_replace_header_map_value(
    context: Context, map_type: MapType, key: bytes, value: bytes
) -> None:
    """Replace all entries of a header by one, or add it."""
    context.writable_map(map_type).replace(key, value)


@hostcall
def proxy_remove_header_map_value(context: Context, map_type: MapType, key: bytes) -> None:
    """Remove all entries of a header, if there are any."""
    context.writable_map(map_type).remove(key)
