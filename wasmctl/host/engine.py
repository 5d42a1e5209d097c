"""Modules compiled for this machine, and the limits within which they run.

One engine setting serves all (compiler.py), so that one cache does: fuel and epochs on, the
WebAssembly features that Envoy's V8 loads and our own reader (module.py) understands, which leaves
out garbage collection; results that do not depend on the machine. Linear memory never moves, so
that a hostcall may keep its address.
"""

import contextlib
import functools
import hashlib
import os
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import wasmtime

from wasmctl.abi.signature import Signature
from wasmctl.abi.types import WasmType
from wasmctl.host import compiler
from wasmctl.host.compiling import CompileError, Compiler
from wasmctl.host.interrupt import Interrupter
from wasmctl.host.linkage import Linkage
from wasmctl.host.module_cache import ModuleCache

_KEPT_MODULES = 16


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a plugin may use.

    Attributes:
        memory: bytes of linear memory; Envoy allows 1 GiB.
        table_elements: entries of its tables together.
        fuel: roughly the instructions of one entry: the plugin's start, one exchange, its end.
        seconds: wall time of one entry, a net below ``fuel`` for what costs none.
        growth: bytes by which the whole process may grow during one entry: what the host keeps
            for the plugin counts, such as messages and bodies, and so does its linear memory.
        compile_seconds: processor time for compiling it.
        compile_memory: bytes of memory for compiling it.

    """

    memory: int = 1 << 30
    table_elements: int = 10_000_000
    fuel: int = 10_000_000_000
    seconds: float = 30.0
    growth: int = 2 << 30
    compile_seconds: float = 60.0
    compile_memory: int = 4 << 30


_LIMITS = Limits()


@dataclass(frozen=True)
class Compiled:
    """A module ready to run; what the engine says of it is asked once for all its machines."""

    module: wasmtime.Module

    @cached_property
    def externs(self) -> tuple[wasmtime.ImportType, ...]:
        """What it imports besides functions."""
        return tuple(each for each in self._imports if not _is_function(each))

    @cached_property
    def functions(self) -> tuple[tuple[str, str], ...]:
        """The functions it imports: the module and the name of each."""
        imports = self._imports
        return tuple((each.module, each.name or "") for each in imports if _is_function(each))

    @cached_property
    def _imports(self) -> list[wasmtime.ImportType]:
        return self.module.imports

    @cached_property
    def _exports(self) -> dict[str, wasmtime.ExportType]:
        return {entry.name: entry for entry in self.module.exports}

    @cached_property
    def _signatures(self) -> dict[str, Signature | None]:
        return {}

    def confirm(self, entry_points: Mapping[str, Signature]) -> None:
        """Compare signatures that our own reader found with those that the engine has.

        They are called without a check, so two readings of one module must never part. The engine
        is not asked about others: it aborts the process over types it cannot name (v128).
        """
        known = self._signatures
        for name, signature in entry_points.items():
            if name not in known:
                exported = self._exports.get(name)
                known[name] = _signature(exported.type) if exported else None
            if known[name] != signature:
                raise CompileError(f"the engine does not read the export {name} as {signature}")


class Runtime:
    """One thread's engine, and what its VMs share.

    Attributes:
        epoch: how often a guest of the engine was to end.

    """

    def __init__(self) -> None:
        self.engine = compiler.engine()
        self.epoch = 0
        self.interrupter = Interrupter(self._bump)
        self.thread = threading.get_ident()
        self.linkages: dict[tuple[bool, bool], Linkage] = {}
        self._modules: OrderedDict[str, Compiled] = OrderedDict()
        self._compiler = Compiler()

    def _bump(self) -> None:
        """End the guest that runs at its next loop or call."""
        self.epoch += 1
        self.engine.increment_epoch()

    def load(
        self, content: bytes, digest: str, cache: Path | None, limits: Limits = _LIMITS
    ) -> Compiled:
        """Compile a module, or find it compiled: in this thread, or in the folder ``cache``.

        Raises CompileError, CompileLimitError.
        """
        found = self._modules.pop(digest, None) or self._load(content, digest, cache, limits)
        self._modules[digest] = found
        if len(self._modules) > _KEPT_MODULES:
            self._modules.popitem(last=False)
        return found

    def _load(self, content: bytes, digest: str, cache: Path | None, limits: Limits) -> Compiled:
        kept = ModuleCache.open(cache) if cache else None
        path = kept.find(_key(digest)) if kept else None
        module = self._deserialize(path) if path else None
        if module is None:
            code = self._compiler.compile(
                content, seconds=limits.compile_seconds, memory=limits.compile_memory
            )
            module = wasmtime.Module.deserialize(self.engine, code)
            if kept:
                kept.keep(_key(digest), code)
        return Compiled(module)

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
    parts = (digest, _library(), os.uname().machine, *compiler.SETTINGS)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _library() -> str:
    """Name the wasmtime that is installed; `importlib.metadata` would cost 30 ms to import."""
    names = os.listdir(Path(wasmtime.__file__).parent.parent)  # noqa: PTH208 - ten times as quick
    ours = [name for name in names if name.startswith("wasmtime-")]
    return ",".join(sorted(name for name in ours if name.endswith(".dist-info")))


def _is_function(wanted: wasmtime.ImportType) -> bool:
    return isinstance(wanted.type, wasmtime.FuncType)


def _signature(kind: object) -> Signature | None:
    if not isinstance(kind, wasmtime.FuncType):
        return None
    try:
        return Signature(
            tuple(WasmType(str(value)) for value in kind.params),
            tuple(WasmType(str(value)) for value in kind.results),
        )
    except ValueError:
        return None
