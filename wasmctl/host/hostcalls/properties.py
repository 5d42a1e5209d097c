"""Properties: attributes of the stream and of the plugin, and what plugins set themselves.

Source: Envoy source/extensions/common/wasm/context.cc (``getProperty``, ``setProperty``).
"""

from wasmctl.abi.types import Status
from wasmctl.abi.wire import decode_path
from wasmctl.host.attributes import attribute
from wasmctl.host.context import Context, HttpContext
from wasmctl.host.filter_state import UNDECLARED
from wasmctl.host.hostcall import HostcallError, hostcall
from wasmctl.host.values import NotSerialisableError, serialised


@hostcall
def proxy_get_property(context: Context, path: bytes) -> bytes:
    """Return the serialised value at a path, whose parts end in NUL."""
    if not path:
        raise HostcallError(Status.SERIALIZATION_FAILURE, "the path is empty")
    parts = decode_path(path)
    value = attribute(context, parts)
    if value is None:
        raise HostcallError(Status.NOT_FOUND, f"{_shown(parts)!r} has no value now")
    try:
        return serialised(value)
    except NotSerialisableError:
        reason = f"{_shown(parts)!r} is null, or a whole of which only the parts have values"
        raise HostcallError(Status.SERIALIZATION_FAILURE, reason) from None


@hostcall
def proxy_set_property(context: Context, path: bytes, value: bytes) -> None:
    """Set a property of the stream; what Envoy has itself under that name stays."""
    if not isinstance(context, HttpContext):
        reason = f"only a stream has properties to set, {_shown(decode_path(path))!r} among them"
        raise HostcallError(Status.NOT_FOUND, reason)
    declared = context.plugin.declarations.get(path, UNDECLARED)
    context.stream.filter_state.set_property(path, value, declared)


def _shown(parts: tuple[bytes, ...]) -> str:
    return b".".join(parts).decode(errors="backslashreplace")
