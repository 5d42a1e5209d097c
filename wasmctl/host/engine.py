"""Modules compiled for this machine, and the limits within which they run.

One engine setting serves all, so that one cache does: fuel and epochs on, every WebAssembly
feature that Envoy's V8 loads, results that do not depend on the machine. Linear memory never
moves, so that a hostcall may keep its address.
"""

import contextlib
import functools
import hashlib
import platform
import threading
from collections import OrderedDict
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import wasmtime

from wasmctl.abi.signature import Signature
from wasmctl.abi.types import WasmType
from wasmctl.host.interrupt import Interrupter
from wasmctl.host.linkage import Linkage
from wasmctl.host.module_cache import ModuleCache

_FEATURES = (
    *("wasm_tail_call", "wasm_threads", "wasm_exceptions", "wasm_gc", "wasm_function_references"),
    *("wasm_memory64", "wasm_multi_memory", "wasm_relaxed_simd"),
)
_DETERMINISM = ("wasm_relaxed_simd_deterministic", "cranelift_nan_canonicalization")
_SETTINGS = (*_FEATURES, *_DETERMINISM, "consume_fuel", "epoch_interruption")
_KEPT_MODULES = 16


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a plugin may use.

    Attributes:
        memory: bytes of linear memory; Envoy allows 1 GiB.
        table_elements: entries of its tables together.
        fuel: roughly the instructions of one entry: the plugin's start, one exchange, its end.
        seconds: wall time of one entry, a net below ``fuel`` for what costs none.

    """

    memory: int = 1 << 30
    table_elements: int = 10_000_000
    fuel: int = 10_000_000_000
    seconds: float = 30.0


class CompileError(Exception):
    """The engine refuses the module; the message is its own."""


@dataclass(frozen=True)
class Compiled:
    """A module ready to run, with the signatures of its exported functions.

    The signatures are the engine's, not our own reader's: calls rely on them without a check. One
    that has types no plugin can use (v128, references) is None.
    """

    module: wasmtime.Module
    signatures: dict[str, Signature | None]


class Runtime:
    """One thread's engine, and what its VMs share."""

    def __init__(self) -> None:
        config = wasmtime.Config()
        for setting in _SETTINGS:
            setattr(config, setting, True)
        config.memory_may_move = False
        self.engine = wasmtime.Engine(config)
        self.interrupter = Interrupter(self.engine.increment_epoch)
        self.thread = threading.get_ident()
        self.linkages: dict[bool, Linkage] = {}
        self._modules: OrderedDict[str, Compiled] = OrderedDict()

    def load(self, content: bytes, digest: str, cache: Path | None) -> Compiled:
        """Compile a module, or find it compiled: in this thread, or in the folder ``cache``.

        Raises CompileError.
        """
        found = self._modules.pop(digest, None) or self._load(content, digest, cache)
        self._modules[digest] = found
        if len(self._modules) > _KEPT_MODULES:
            self._modules.popitem(last=False)
        return found

    def _load(self, content: bytes, digest: str, cache: Path | None) -> Compiled:
        kept = ModuleCache.open(cache) if cache else None
        path = kept.find(_key(digest)) if kept else None
        module = self._deserialize(path) if path else None
        if module is None:
            module = self._compile(content)
            if kept:
                kept.keep(_key(digest), bytes(module.serialize()))
        return Compiled(module, _signatures(module))

    def _compile(self, content: bytes) -> wasmtime.Module:
        """Compile here; a child process under limits will take this place."""
        try:
            return wasmtime.Module(self.engine, content)
        except wasmtime.WasmtimeError as error:
            raise CompileError(str(error)) from error

    def _deserialize(self, path: Path) -> wasmtime.Module | None:
        """Take a compiled module, unless it was made for another machine."""
        with contextlib.suppress(wasmtime.WasmtimeError):
            return wasmtime.Module.deserialize_file(self.engine, str(path))
        return None


_threads = threading.local()


def runtime() -> Runtime:
    """Return this thread's runtime."""
    if not hasattr(_threads, "runtime"):
        _threads.runtime = Runtime()
    found: Runtime = _threads.runtime
    return found


@functools.cache
def _key(digest: str) -> str:
    parts = (digest, version("wasmtime"), platform.machine(), *_SETTINGS)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _signatures(module: wasmtime.Module) -> dict[str, Signature | None]:
    return {
        entry.name: _signature(entry.type)
        for entry in module.exports
        if isinstance(entry.type, wasmtime.FuncType)
    }


def _signature(kind: wasmtime.FuncType) -> Signature | None:
    try:
        return Signature(
            tuple(WasmType(str(value)) for value in kind.params),
            tuple(WasmType(str(value)) for value in kind.results),
        )
    except ValueError:
        return None
