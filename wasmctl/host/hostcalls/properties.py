"""Properties: attributes of the stream and of the plugin, and what plugins set themselves.

Source: Envoy source/extensions/common/wasm/context.cc (``getProperty``, ``setProperty``,
``serializeValue``). Numbers and times take eight bytes, little-endian, a truth value one, a map is
serialised pairs.
"""

from wasmctl.abi.types import Status
from wasmctl.abi.wire import decode_path, encode_pairs
from wasmctl.host.attributes import MissingHereError, Value, WholeError, attribute
from wasmctl.host.context import Context, HttpContext, PluginContext
from wasmctl.host.hostcall import HostcallError, UnimplementedError, hostcall

_OURS = b"wasm."  # what a plugin sets goes into the stream's filter state under this prefix


@hostcall
def proxy_get_property(context: Context, path: bytes) -> bytes:
    """Return the serialised value at a path, whose parts end in NUL."""
    if not path:
        raise HostcallError(Status.SERIALIZATION_FAILURE, "the path is empty")
    parts = decode_path(path)
    try:
        value = _value(context, parts)
    except WholeError as error:
        reason = f"{parts!r} is a whole; only its parts have values"
        raise HostcallError(Status.SERIALIZATION_FAILURE, reason) from error
    except MissingHereError as error:
        raise UnimplementedError(f"proxy_get_property {error}") from error
    if value is None:
        raise HostcallError(Status.NOT_FOUND, f"{parts!r} has no value now")
    return _serialised(value)


@hostcall
def proxy_set_property(context: Context, path: bytes, value: bytes) -> None:
    """Set a property of the stream; what Envoy has itself under that name stays."""
    if not isinstance(context, HttpContext):
        raise HostcallError(Status.NOT_FOUND, "only a stream has properties to set")
    context.properties[path] = value


def _value(context: Context, path: tuple[bytes, ...]) -> Value:
    plugin = context.plugin
    if plugin is not None and len(path) == 1 and path[0] in _PLUGIN:
        return _plugin_value(plugin, path[0])
    if not isinstance(context, HttpContext):
        return None
    if path[0] == b"filter_state":
        return _filter_state(context, path)
    found = attribute(context, path)
    return found if found is not None or len(path) > 1 else context.properties.get(path[0])


_PLUGIN = (b"plugin_name", b"plugin_root_id", b"plugin_vm_id")


def _plugin_value(plugin: PluginContext, name: bytes) -> Value:
    values = (plugin.name, plugin.root_id, plugin.machine.vm_id)
    return values[_PLUGIN.index(name)].encode()


def _filter_state(context: HttpContext, path: tuple[bytes, ...]) -> Value:
    if len(path) == 1:
        raise WholeError
    key = path[1]
    return context.properties.get(key.removeprefix(_OURS)) if key.startswith(_OURS) else None


def _serialised(value: bytes | int | tuple[tuple[bytes, bytes], ...]) -> bytes:
    match value:
        case bytes():
            return value
        case bool():
            return bytes([value])
        case int():
            return value.to_bytes(8, "little")
        case _:
            return encode_pairs(value)
