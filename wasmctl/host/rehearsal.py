"""What happens before a plugin serves: it is started twice, elsewhere, and leaves its traces.

Envoy starts each new plugin first in an instance that it throws away (the canary), then in its
main thread, then in the threads that serve. What the first two write into metrics, shared data and
queues is there when the third one starts; their messages are not shown, their callouts go nowhere
and the ticks of the main thread do not come. Source: proxy-wasm-cpp-host ``src/wasm.cc``
(``canary``, ``createWasm``); Envoy source/extensions/common/wasm/wasm.cc.
"""

import contextlib
from collections.abc import Sequence

from wasmctl.host import load
from wasmctl.host.load import LoadError
from wasmctl.host.machines import Machines
from wasmctl.host.settings import PluginSettings

_LASTING = {
    "proxy_define_metric",
    "proxy_set_shared_data",
    "proxy_register_shared_queue",
    "proxy_resolve_shared_queue",
}


def rehearse(machines: Machines, chain: Sequence[PluginSettings], *, serving: bool = False) -> None:
    """Start each plugin twice before it serves; raises LoadError where it refuses the first time.

    The order is Envoy's: for each plugin a canary of its own, then the main thread, where plugins
    share machines as they do where they serve. A plugin that leaves no traces needs none of this,
    but where it would refuse while others are ``serving``: they do not hear of it.
    """
    lasting = [settings for settings in chain if serving or _leaves_traces(settings)]
    main = machines.apart()
    try:
        for settings in lasting:
            _start_canary(machines, settings)
            with contextlib.suppress(LoadError):  # what it finds may differ; nobody waits for it
                main.plugin(settings)
    finally:
        main.close()


def _start_canary(machines: Machines, settings: PluginSettings) -> None:
    canary = machines.apart()
    try:
        canary.plugin(settings)
    finally:
        canary.close()


def _leaves_traces(settings: PluginSettings) -> bool:
    """Whether a plugin can leave anything behind; else nobody sees how often it was started."""
    imports = load.accept(settings.plugin).module.imports
    return not _LASTING.isdisjoint(entry.name for entry in imports)
