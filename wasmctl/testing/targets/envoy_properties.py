"""Properties of a scenario in a real Envoy: set by filters before the plugins, or by its routes."""

from collections.abc import Mapping

from wasmctl.envoy.plugin_config import EXTENSIONS, Json
from wasmctl.host.given import Given

_NAMESPACES = "filter_metadata"
_DYNAMIC = ("metadata", _NAMESPACES)
_ROUTE = ("xds", "route_metadata", _NAMESPACES)
_CLUSTER = ("xds", "cluster_metadata", _NAMESPACES)
_STATE = "filter_state"
_LEAST = 2

Properties = Mapping[tuple[str, ...], Given]


def is_known(path: tuple[str, ...]) -> bool:
    """Return whether Envoy can be told to have a property at a path."""
    if path[0] == _STATE:
        return len(path) == _LEAST
    return any(path[: len(root)] == root for root in (_DYNAMIC, _ROUTE, _CLUSTER))


def filters(properties: Properties) -> list[Json]:
    """Return the filters that set what streams bring with them."""
    states = [_state(path[1], given) for path, given in properties.items() if path[0] == _STATE]
    found: list[Json] = [_filter("set_filter_state", {"on_request_headers": states})]
    namespaces = _tree(properties, _DYNAMIC)
    metadata: list[Json] = [
        {"metadata_namespace": name, "value": value} for name, value in namespaces.items()
    ]
    found.append(_filter("set_metadata", {"metadata": metadata}))
    return [one for one, is_needed in zip(found, (states, metadata), strict=True) if is_needed]


def of_route(properties: Properties) -> Json:
    """Return the metadata of the route."""
    return {_NAMESPACES: tree} if (tree := _tree(properties, _ROUTE)) else {}


def of_cluster(properties: Properties) -> Json:
    """Return the metadata of the cluster where requests go on."""
    return {_NAMESPACES: tree} if (tree := _tree(properties, _CLUSTER)) else {}


def _filter(name: str, config: Json) -> Json:
    types = {
        "set_filter_state": "set_filter_state.v3.Config",
        "set_metadata": "set_metadata.v3.Config",
    }
    return {
        "name": name,
        "typed_config": {"@type": f"{EXTENSIONS}filters.http.{types[name]}", **config},
    }


def _state(key: str, given: Given) -> Json:
    text = given.decode("latin-1") if isinstance(given, bytes) else str(given)
    source = {"inline_string": text.replace("%", "%%")}
    return {
        "object_key": key,
        "factory_key": "envoy.string",
        "format_string": {"text_format_source": source},
    }


def _tree(properties: Properties, root: tuple[str, ...]) -> dict[str, object]:
    """Return the maps below a root, one in the other as their paths say."""
    found: dict[str, object] = {}
    for path, given in properties.items():
        if path[: len(root)] != root:
            continue
        place = found
        *parents, name = path[len(root) :]
        for part in parents:
            inner = place.setdefault(part, {})
            place = inner if isinstance(inner, dict) else {}
        place[name] = given
    return found
