"""Envoy's attributes of a stream and of its plugin, which plugins read as properties.

Source: Envoy source/extensions/common/wasm/context.cc (``findValue``),
source/extensions/filters/common/expr/context.cc; each was read from Envoy 1.40 in each phase. What
is taken from the request's headers vanishes with the plugin's sight of them, and comes back for the
log.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from wasmctl.host.context import Context, HttpContext, PluginContext
from wasmctl.host.filter_state import PREFIX, StateObject
from wasmctl.host.metadata import metadata
from wasmctl.host.stream_attributes import ATTRIBUTES, FAMILIES
from wasmctl.host.values import Unsigned, Value, Whole, member

_XDS = b"xds"
_NODE = b"node"
_UPSTREAM = b"upstream"
_UPSTREAM_HOST = b"upstream_host"
_NO_METADATA = metadata({})


def attribute(context: Context, path: tuple[bytes, ...]) -> Value | None:
    """Return what is at a path, None where nothing is now."""
    if len(path) > 1 and isinstance(context, HttpContext) and path[0] in FAMILIES:
        found, rest = _attribute(context, path[0], path[1]), path[2:]  # the way most go, and short
    else:
        found, rest = _top(context, path[0]), path[1:]
    for name in rest:
        if found is None:
            return None
        found = member(found, name)
    return found


def _top(context: Context, name: bytes) -> Value | None:
    if context.plugin is not None and name in _PLUGIN:
        return _PLUGIN[name](context.plugin)
    if isinstance(context, HttpContext):
        return _of_stream(context, name)
    if name == _XDS and context.plugin is not None:
        given = context.machine.shared.given
        return Whole(
            part=lambda part: given.node if part == _NODE else None, names=lambda: (_NODE,)
        )
    return None


def _of_stream(context: HttpContext, name: bytes) -> Value | None:
    if name in FAMILIES:
        return Whole(part=partial(_attribute, context, name), names=partial(_names, context, name))
    find = _NAMED.get(name)
    return find(context) if find else _property(context, name)


def _attribute(context: HttpContext, family: bytes, name: bytes) -> Value | None:
    """Return what a tester gave, or what Envoy has itself."""
    if family == _XDS and name == _NODE:
        return context.machine.shared.given.node
    given = context.machine.shared.given.get((family, name))
    if given is not None:
        waits = family == _UPSTREAM or name.startswith(_UPSTREAM_HOST)
        return given if context.stream.router.is_routed or not waits else None
    read = ATTRIBUTES.get((family, name))
    return read(context) if read else None


def _names(context: HttpContext, family: bytes) -> Iterable[bytes]:
    own = [name for found, name in ATTRIBUTES if found == family]
    given = context.machine.shared.given.names(family)
    return [*own, *given, _NODE] if family == _XDS else [*own, *given]


def _state(find: Callable[[bytes], StateObject | None], key: bytes) -> Value | None:
    found = find(key)
    return found.value if found is not None else None


def _property(context: HttpContext, name: bytes) -> Value | None:
    """Return what a plugin set under a name that Envoy does not have itself."""
    found = _state(context.stream.filter_state.get, PREFIX + name)
    if found is None and context.stream.router.is_connected:
        states = context.machine.shared.given.upstream_filter_state
        return _state(states.get, PREFIX + name)
    return found


def _connection_id(context: HttpContext) -> Value:
    return Unsigned(context.stream.connection.id)


def _metadata(context: HttpContext) -> Value:
    return context.machine.shared.given.get((b"metadata",)) or _NO_METADATA


def _filter_state(context: HttpContext) -> Value:
    state = context.stream.filter_state
    return Whole(part=partial(_state, state.get), names=lambda: state.keys)


def _upstream_filter_state(context: HttpContext) -> Value | None:
    states = context.machine.shared.given.upstream_filter_state
    if not context.stream.router.is_connected:
        return None
    return Whole(part=partial(_state, states.get), names=lambda: states)


_PLUGIN: Mapping[bytes, Callable[[PluginContext], Value]] = {
    b"plugin_name": lambda plugin: plugin.name.encode(),
    b"plugin_root_id": lambda plugin: plugin.root_id.encode(),
    b"plugin_vm_id": lambda plugin: plugin.machine.vm_id.encode(),
}

_NAMED: Mapping[bytes, Callable[[HttpContext], Value | None]] = {
    b"connection_id": _connection_id,
    b"metadata": _metadata,
    b"filter_state": _filter_state,
    b"upstream_filter_state": _upstream_filter_state,
}
