"""The upstream that is built in: it shows each request as it saw it, or sends bytes back.

It is a listener inside the same Envoy, with no port and no process of its own, so it is there as
soon as Envoy is, on every engine.
"""

import functools
from importlib import resources

from wasmctl.envoy.plugin_config import EXTENSIONS, Json

NAME = "echo"
# Bodies up to this size are shown.
_BODY_LIMIT = 16 * 1024 * 1024

BOOTSTRAP_EXTENSION: Json = {
    "name": "envoy.bootstrap.internal_listener",
    "typed_config": {"@type": EXTENSIONS + "bootstrap.internal_listener.v3.InternalListener"},
}


def listener(*, is_http: bool) -> Json:
    """Return the listener: it answers HTTP requests with JSON, or sends back what it gets."""
    return {
        "name": NAME,
        "internal_listener": {},
        "per_connection_buffer_limit_bytes": _BODY_LIMIT,
        "filter_chains": [{"filters": [_http() if is_http else _TCP]}],
    }


_TCP: Json = {
    "name": NAME,
    "typed_config": {"@type": EXTENSIONS + "filters.network.echo.v3.Echo"},
}


def _http() -> Json:
    # Never reached: the script answers.
    route = {"match": {"prefix": "/"}, "direct_response": {"status": 500}}
    host = {"name": "all", "domains": ["*"], "routes": [route]}
    manager = {
        "@type": EXTENSIONS + "filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": NAME,
        "generate_request_id": False,
        "http_protocol_options": {"enable_trailers": True},
        "route_config": {"name": NAME, "virtual_hosts": [host]},
        "http_filters": [_script(), _ROUTER],
    }
    return {"name": NAME, "typed_config": manager}


def _script() -> Json:
    lua = {
        "@type": EXTENSIONS + "filters.http.lua.v3.Lua",
        "default_source_code": {"inline_string": _source()},
    }
    return {"name": "show", "typed_config": lua}


_ROUTER: Json = {
    "name": "router",
    "typed_config": {"@type": EXTENSIONS + "filters.http.router.v3.Router"},
}


@functools.cache
def _source() -> str:
    return resources.files("wasmctl.envoy").joinpath("echo.lua").read_text(encoding="utf-8")
