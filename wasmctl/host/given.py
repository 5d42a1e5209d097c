"""Properties that a tester gives: metadata, filter state, the node, what TLS would tell.

``{("metadata", "filter_metadata", "ns"): {"key": 1}, ("connection", "tls_version"): "TLSv1.3"}``.
"""

from collections.abc import Mapping

from wasmctl.host.filter_state import StateObject
from wasmctl.host.metadata import Plain, metadata, node
from wasmctl.host.values import MessageValue, Octets, Value

PropertyPath = tuple[str, ...]
Given = Plain | bytes
"""A number is an integer, but for those in metadata, which are doubles there."""

_METADATA = (
    ("metadata",),
    *(("xds", name + "_metadata") for name in ("cluster", "route", "virtual_host", "listener")),
    *(("xds", f"upstream_host{part}_metadata") for part in ("", "_locality")),
)
_NODE = ("xds", "node")
_NAMESPACES = "filter_metadata"
_STATES = ("filter_state", "upstream_filter_state")


class GivenProperties:
    """Properties by their paths; raises ValueError where a path is none that can be given.

    Attributes:
        node: the proxy itself.
        filter_state: what a stream has from the start, by its key.
        upstream_filter_state: what it has once it is connected.

    """

    def __init__(self, properties: Mapping[PropertyPath, Given] | None = None) -> None:
        self._trees: dict[PropertyPath, dict[str, Plain]] = {}
        self._values: dict[tuple[bytes, ...], Value] = {}
        states: dict[str, dict[bytes, StateObject]] = {name: {} for name in _STATES}
        for path, given in (properties or {}).items():
            if len(path) == 2 and path[0] in _STATES:  # noqa: PLR2004 - a family and a key
                states[path[0]][path[1].encode()] = StateObject(value=_value(given))
            else:
                self._take(path, given)
        self.filter_state, self.upstream_filter_state = states.values()
        self.node = node(self._trees.pop(_NODE, {}))
        for root, tree in self._trees.items():
            self._values[_encoded(root)] = _metadata(root, tree)

    def get(self, path: tuple[bytes, ...]) -> Value | None:
        """Return what was given at exactly this path, or the whole metadata there."""
        return self._values.get(path)

    def names(self, family: bytes) -> tuple[bytes, ...]:
        """Return the names in a family at which something was given."""
        return tuple(path[1] for path in self._values if path[0] == family and path[1:])

    def _take(self, path: PropertyPath, given: Given) -> None:
        for root in (*_METADATA, _NODE):
            if path[: len(root)] == root and len(path) > len(root):
                _plant(self._trees.setdefault(root, {}), path[len(root) :], given)
                return
        if len(path) != 2 or path in _METADATA:  # noqa: PLR2004 - a family and a name
            raise ValueError(f"no property can be given at {'.'.join(path)!r}")
        self._values[_encoded(path)] = _value(given)


def _plant(tree: dict[str, Plain], path: PropertyPath, given: Given) -> None:
    if isinstance(given, bytes):
        raise ValueError(f"bytes cannot be given at {'.'.join(path)!r}")  # noqa: TRY004 - a path's
    *parents, name = path
    for parent in parents:
        inner = tree.setdefault(parent, {})
        if not isinstance(inner, dict):
            raise ValueError(f"{parent!r} is given as a value and as a map")  # noqa: TRY004
        tree = inner
    tree[name] = given


def _metadata(root: PropertyPath, tree: Mapping[str, Plain]) -> MessageValue:
    namespaces = tree.get(_NAMESPACES)
    if set(tree) != {_NAMESPACES} or not isinstance(namespaces, Mapping):
        raise ValueError(f"{'.'.join(root)} can be given its {_NAMESPACES} alone")
    found: dict[str, Mapping[str, Plain]] = {}
    for name, part in namespaces.items():
        if not isinstance(part, Mapping):
            raise ValueError(f"the namespace {name!r} of {'.'.join(root)} is no map")  # noqa: TRY004
        found[name] = part
    return metadata(found)


def _value(given: Given) -> Value:
    match given:
        case bytes():
            return Octets(given)
        case str():
            return given.encode()
        case bool() | int() | float():
            return given
        case _:
            raise ValueError(f"{given!r} is neither a text, bytes, a number nor a truth value")


def _encoded(path: PropertyPath) -> tuple[bytes, ...]:
    return tuple(part.encode() for part in path)
