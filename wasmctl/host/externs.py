"""Memories and tables that a module imports, which Envoy makes for it, whatever their names."""

from typing import cast

import wasmtime


def made(store: wasmtime.Store, wanted: wasmtime.ImportType) -> wasmtime.Memory | wasmtime.Table:
    """Make a memory or a table of the type that is wanted.

    Raises wasmtime.WasmtimeError where that is too large. A table's elements are functions; a
    module that wants others is refused when it is linked.
    """
    if isinstance(wanted.type, wasmtime.MemoryType):
        return wasmtime.Memory(store, wanted.type)
    return _table(store, wanted.type)


def _table(store: wasmtime.Store, kind: object) -> wasmtime.Table:
    """Let a module of its own make the table.

    The library's constructor aborts the process over element types it does not know, and so does
    its question for the type.
    """
    limits = cast("wasmtime.TableType", kind).limits
    size = f"{limits.min} {limits.max if limits.max is not None else ''}"
    text = f'(module (table (export "table") {size} funcref))'
    module = wasmtime.Module(store.engine, text)
    return cast("wasmtime.Table", wasmtime.Instance(store, module, []).exports(store)["table"])
