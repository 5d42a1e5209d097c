"""An instance of a module in a store: its exports, and the memory that hostcalls read and write."""

import ctypes
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import wasmtime

from wasmctl.host import externs
from wasmctl.host.memory import Memory


class InstantiationError(Exception):
    """The engine cannot make an instance of the module; the message is its own."""


@dataclass(frozen=True, kw_only=True)
class Instance:
    """What a machine needs of its instance."""

    exports: Mapping[str, object]
    memory: Memory


def make(
    store: wasmtime.Store,
    linker: wasmtime.Linker,
    module: wasmtime.Module,
    wanted: Sequence[wasmtime.ImportType],
) -> Instance:
    """Instantiate a module, and what it imports besides functions.

    Envoy takes whichever memory it imports or exports last. Raises what the engine raises.
    """
    memory = no_memory()
    found = [externs.made(store, entry) for entry in wanted]
    for entry, extern in zip(wanted, found, strict=True):
        linker.define(store, entry.module, entry.name or "", extern)
    exports = linker.instantiate(store, module).exports(store)
    for candidate in (*found, *exports.values()):
        if isinstance(candidate, wasmtime.Memory):
            memory = Memory(_locating(store, candidate))
    return Instance(exports=exports, memory=memory)


def no_memory() -> Memory:
    """Return the memory of a machine that has no instance, which has no bytes."""
    return Memory(lambda: (0, 0))


def _locating(store: wasmtime.Store, memory: wasmtime.Memory) -> Callable[[], tuple[int, int]]:
    def locate() -> tuple[int, int]:
        size = memory.data_len(store)
        if not size:
            return 0, 0
        return ctypes.addressof(memory.data_ptr(store).contents), size

    return locate
