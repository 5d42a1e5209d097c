"""What a run is asked to be."""

from dataclasses import dataclass

from wasmctl.launch.plugins import Deployed
from wasmctl.launch.upstreams import Upstream

READY_SECONDS = 30.0


@dataclass(frozen=True, kw_only=True)
class Order:
    """One proxy with plugins, and how it is kept.

    Attributes:
        name: of the run; its folder is called so.
        plugins: in the order in which a request meets them.
        upstream: where requests lead; None: the built-in echo.
        clusters: for callouts.
        port: of the listener on 127.0.0.1; 0: any.
        patches: JSON Merge Patches on the bootstrap configuration, each with its source.
        values: assignments ``PATH=VALUE`` on it, after the patches.
        envoy_level: from which level on Envoy writes what is its own.
        reload: replace plugins whose files change.
        serve_code: let Envoy fetch the modules over HTTP.
        ready_seconds: how long Envoy and the plugins may take to start.

    """

    name: str
    plugins: tuple[Deployed, ...]
    upstream: Upstream | None = None
    clusters: tuple[Upstream, ...] = ()
    port: int = 0
    admin_port: int = 0
    concurrency: int = 1
    patches: tuple[tuple[str, str], ...] = ()
    values: tuple[str, ...] = ()
    envoy_level: str = "warning"
    reload: bool = False
    serve_code: bool = False
    ready_seconds: float = READY_SECONDS
