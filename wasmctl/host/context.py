"""The contexts of a plugin: what each one can see and change.

Every hostcall gets one of three: the machine's own (id 0: no plugin, no stream), a plugin's root
context, or a stream's. Ids are counted per machine (proxy-wasm-cpp-host ``src/context.cc``).
"""

from typing import TypeAlias

from wasmctl.host.http_context import HttpContext
from wasmctl.host.plugin_context import PluginContext
from wasmctl.host.vm_context import VmContext

__all__ = ["Context", "HttpContext", "PluginContext", "VmContext"]

Context: TypeAlias = VmContext | PluginContext | HttpContext
