"""A Proxy-Wasm host that behaves like Envoy, as a library.

::

    from wasmctl import messages
    from wasmctl.host import Host

    with Host.start(Path("plugin.wasm").read_bytes(), configuration=b"{}") as host:
        exchange = host.http(messages.request("/"), reply=messages.response(200))
        assert exchange.upstream is not None
        assert host.metrics["requests"] == 1

It knows nothing of projects, scenario files or the command line.
"""

from wasmctl.host.callout import Callout, CalloutState
from wasmctl.host.clock import Clock
from wasmctl.host.engine import Limits
from wasmctl.host.exchange import Exchange
from wasmctl.host.hazards import Hazard, HazardKind
from wasmctl.host.host import Host
from wasmctl.host.load import LoadError
from wasmctl.host.options import HostOptions
from wasmctl.host.protocol import HttpProtocol
from wasmctl.host.settings import FailurePolicy, PluginSettings
from wasmctl.host.stream import HttpStream
from wasmctl.host.trace import Ending, TraceKind, TraceRecord, envoy_lines
from wasmctl.host.trace_timeline import timeline

__all__ = [
    "Callout",
    "CalloutState",
    "Clock",
    "Ending",
    "Exchange",
    "FailurePolicy",
    "Hazard",
    "HazardKind",
    "Host",
    "HostOptions",
    "HttpProtocol",
    "HttpStream",
    "Limits",
    "LoadError",
    "PluginSettings",
    "TraceKind",
    "TraceRecord",
    "envoy_lines",
    "timeline",
]
