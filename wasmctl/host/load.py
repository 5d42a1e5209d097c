"""What Envoy refuses before a plugin runs, and the words it has for it.

The words were printed by Envoy 1.40 for a module of each kind; source: proxy-wasm-cpp-host
``src/v8/v8.cc`` and ``src/wasm.cc``.
"""

from wasmctl import module, plugin
from wasmctl.abi.callbacks import ALLOCATORS, CALLBACKS, looked_up
from wasmctl.abi.signature import Signature
from wasmctl.abi.types import AbiVersion, WasmType
from wasmctl.errors import NotAPluginError
from wasmctl.host.trace import TraceRecord
from wasmctl.module import Module
from wasmctl.plugin import Plugin
from wasmctl.records import LogLine, Trap

CORRUPTED = "Failed to parse corrupted Wasm module"
NO_INSTANCE = "Failed to create new Wasm instance"
NOT_INITIALIZED = "Failed to initialize Wasm code"
NOT_STARTED = "Failed to start base Wasm"
NOT_CONFIGURED = "Failed to configure base Wasm plugin"
_NO_ABI = "Missing or unknown Proxy-Wasm ABI version"
_NO_ALLOCATOR = "Wasm module is missing malloc function."
_HEADER = b"\0asm\1\0\0\0"


class LoadError(NotAPluginError):
    """A real Envoy would refuse this plugin, or this configuration of it.

    Attributes:
        message: the reason in Envoy's words.
        logs: what the plugin had logged until then.
        trap: what ended it, where something did.
        trace: what crossed the boundary until then, if that was taken down.

    """

    def __init__(
        self,
        message: str,
        *,
        hint: str,
        details: tuple[str, ...] = (),
        logs: tuple[LogLine, ...] = (),
        trap: Trap | None = None,
        trace: tuple[TraceRecord, ...] = (),
    ) -> None:
        super().__init__(message, hint=hint, details=details)
        self.logs = logs
        self.trap = trap
        self.trace = trace


def accept(given: Plugin | bytes) -> Plugin:
    """Take a plugin; raises LoadError with Envoy's reason where it would not be loaded."""
    if isinstance(given, Plugin):
        accepted = given if given.is_checked else _parse(given.content)
    else:
        accepted = _parse(given)
    reason = _import_reason(accepted.module, accepted.abi_version)
    if reason:
        raise LoadError(reason, hint="remove what needs that import, or declare it as hosts do")
    return accepted


def _parse(content: bytes) -> Plugin:
    try:
        return plugin.parse(content)
    except NotAPluginError as error:
        reason = _reason(content)
        raise LoadError(reason, hint=error.hint, details=(error.message,)) from error


def _reason(content: bytes) -> str:
    """Find what Envoy meets first: the ABI marker, then the imports, then the allocator."""
    try:
        read = module.parse(content)
    except NotAPluginError:
        is_other = len(content) < len(_HEADER) or content.startswith(_HEADER[:4])
        return _NO_ABI if is_other and not content.startswith(_HEADER) else CORRUPTED
    version = plugin.declared_abi(read)
    if version is None:
        return _NO_ABI
    return _import_reason(read, version) or _NO_ALLOCATOR


def _import_reason(read: Module, version: AbiVersion) -> str | None:
    for wanted in read.imports:
        name = f"{wanted.module}.{wanted.name}"
        offered = plugin.offered_signature(wanted, version)
        if wanted.kind in {"memory", "table"}:
            continue
        if wanted.kind != "function" or offered is None:
            return f"Failed to load Wasm module due to a missing import: {name}"
        if wanted.signature != offered:
            return (
                f"Failed to load Wasm module due to an import type mismatch: {name}, "
                f"want: {_words(wanted.signature)}, but host exports: {_words(offered)}"
            )
    return None


def entry_points(plugin: Plugin) -> dict[str, Signature]:
    """Return the exports that the host will call; raises LoadError for a wrong signature.

    Every one is compared, whether it will be called or not, as Envoy does.
    """
    exports = {entry.name: entry for entry in plugin.module.exports if entry.kind == "function"}
    known = looked_up(CALLBACKS[plugin.abi_version], initializes="_initialize" in exports)
    wanted = {name: kind for name, kind in known.items() if name in exports}
    for name, signature in wanted.items():
        if exports[name].signature != signature:
            raise LoadError(
                f"Bad function signature for: {name}, want: {_words(signature)}, "
                f"but the module exports: {_words(exports[name].signature)}",
                hint=f"export {name} as {signature}, which ABI {plugin.abi_version} asks for",
            )
    if not wanted.keys() & set(ALLOCATORS):
        raise LoadError(_NO_ALLOCATOR, hint=f"export a function {' or '.join(ALLOCATORS)}")
    return wanted


def _words(signature: Signature | None) -> str:
    """Write a signature as Envoy prints it."""
    if signature is None:
        return "types that no plugin can use"
    return f"{_types(signature.parameters)} -> {_types(signature.results)}"


def _types(types: tuple[WasmType, ...]) -> str:
    return " ".join(types) or "void"
