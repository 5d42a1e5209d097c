"""What a host is started with, besides its plugins."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import TypedDict, cast

from wasmctl.abi.types import LogLevel
from wasmctl.host import fastcall
from wasmctl.host.clock import Clock
from wasmctl.host.clusters import Cluster
from wasmctl.host.engine import Limits
from wasmctl.host.given import Given, GivenProperties, PropertyPath
from wasmctl.host.names import Names
from wasmctl.host.protocol import HttpProtocol
from wasmctl.host.settings import PluginOptions
from wasmctl.host.shared import Shared
from wasmctl.host.shared_data import SharedValues
from wasmctl.host.workshop import Workshop

_SECOND = 1_000_000_000
_BUFFER_LIMIT = 1 << 20  # of a listener's connections
_ROUTE_SECONDS = 15.0


class HostOptions(TypedDict, total=False):
    """What a host is started with; all of it may be left out.

    Attributes:
        limits: what each machine may use.
        cache: a folder for compiled modules; without it they are compiled anew.
        log_level: messages below it are dropped; without it none is.
        seed: of the random numbers that WASI offers.
        fast_calls: whether to cross the boundary unchecked, which is much faster.
        trace: whether to take down every call across the boundary.
        clusters: where callouts lead, besides the origin's own "upstream", and what becomes of
            each there.
        properties: what requests find of metadata, filter state, the node and TLS, by its path.
        names: the addresses of names that plugins look up.
        shared_data: what is shared before the plugins start, by ``vm_id`` and key.
        clock: the clock that plugins see; without it, one that begins at its usual time.
        buffer_limit: bytes of a body that plugins may hold back; None: as many as by default.
        route_timeout: seconds that the upstream has to answer a request.
        protocol: what client and upstream speak: HTTP/2, if nothing is said.

    """

    limits: Limits | None
    cache: Path | None
    log_level: LogLevel
    seed: int
    fast_calls: bool
    trace: bool
    clusters: Mapping[str, Cluster] | None
    properties: Mapping[PropertyPath, Given] | None
    names: Mapping[str, Sequence[str]] | None
    shared_data: Mapping[str, Mapping[bytes, bytes]] | None
    clock: Clock | None
    buffer_limit: int | None
    route_timeout: float
    protocol: HttpProtocol


class StartOptions(HostOptions, PluginOptions, total=False):
    """What a host with one plugin is started with."""


def divided(options: StartOptions) -> tuple[PluginOptions, HostOptions]:
    """Return what is the plugin's, and what is the host's."""
    plugin: dict[str, object] = {}
    host: dict[str, object] = {}
    for name, value in options.items():
        (plugin if name in PluginOptions.__annotations__ else host)[name] = value
    return cast("PluginOptions", plugin), cast("HostOptions", host)


def shared(options: HostOptions) -> Shared:
    """Return what the machines of a host share in the beginning."""
    made = Shared(
        log_level=options.get("log_level", LogLevel.TRACE),
        # What is wanted is the same numbers each time.
        random=Random(options.get("seed", 0)),  # noqa: S311
        clock=options.get("clock") or Clock(),
        clusters=options.get("clusters") or {},
        given=GivenProperties(options.get("properties")),
        buffer_limit=options.get("buffer_limit") or _BUFFER_LIMIT,
        route_timeout=int(options.get("route_timeout", _ROUTE_SECONDS) * _SECOND),
        protocol=options.get("protocol", HttpProtocol.HTTP_2),
        names=Names(options.get("names") or {}),
    )
    for vm_id, values in (options.get("shared_data") or {}).items():
        SharedValues(made.data, vm_id).update(values)
    return made


def workshop(options: HostOptions) -> Workshop:
    """Return where the machines of a host are made."""
    return Workshop(
        limits=options.get("limits") or Limits(),
        cache=options.get("cache"),
        fast_calls=options.get("fast_calls", fastcall.AVAILABLE),
        trace=options.get("trace", False),
    )
