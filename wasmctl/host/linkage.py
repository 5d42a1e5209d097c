"""What the host offers to modules: its functions, linked when a module first imports them."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Protocol

import wasmtime

from wasmctl.abi.signature import Signature
from wasmctl.abi.types import WasmType
from wasmctl.host import tracing
from wasmctl.host.hostcall import Hostcall
from wasmctl.host.marshalling import RawFunction, raw_function

if TYPE_CHECKING:
    from wasmctl.host.vm import Vm

_VALUE_TYPES = {
    WasmType.I32: wasmtime.ValType.i32,
    WasmType.I64: wasmtime.ValType.i64,
    WasmType.F32: wasmtime.ValType.f32,
    WasmType.F64: wasmtime.ValType.f64,
}


class Calls(Protocol):
    """A way across the boundary: the module fastcall, or the module plaincall."""

    def define(
        self,
        linker: wasmtime.Linker,
        module: str,
        name: str,
        kind: wasmtime.FuncType,
        raw: RawFunction,
    ) -> object:
        """Offer a hostcall; what is returned must live as long as the linker."""

    def trap(self) -> int:
        """Make what a raw hostcall returns to end the guest."""

    def bind(
        self, store: wasmtime.Store, function: wasmtime.Func, parameters: int
    ) -> Callable[..., int]:
        """Return a call of an export."""


class Slot:
    """Where hostcalls find the VM that runs; one linker serves many VMs of a thread."""

    vm: "Vm"


class Linkage:
    """A linker with the hostcalls that were asked for so far.

    One that is traced takes down each call both ways, with the recorder of the VM that runs.
    """

    def __init__(
        self,
        engine: wasmtime.Engine,
        calls: Calls,
        hostcalls: Mapping[str, Hostcall],
        *,
        traced: bool = False,
    ) -> None:
        self.engine = engine
        self.calls = calls
        self.slot = Slot()
        self.linker = wasmtime.Linker(engine)
        self._hostcalls = hostcalls
        self._traced = traced
        self._offered: dict[tuple[str, str], object] = {}
        self._types: dict[Signature, wasmtime.FuncType] = {}  # each belongs to one engine

    def apart(self) -> "Linkage":
        """Return a linkage of its own for a module that imports a memory or a table."""
        return Linkage(self.engine, self.calls, self._hostcalls, traced=self._traced)

    def offer(self, imports: Iterable[tuple[str, str]]) -> None:
        """Link the functions a module imports; what no host offers is left to the linker."""
        for place in imports:
            declared = self._hostcalls.get(place[1])
            if place not in self._offered and declared and place[0] in declared.modules:
                self._offered[place] = self._define(place, declared)

    def bind(
        self, store: wasmtime.Store, name: str, signature: Signature, function: wasmtime.Func
    ) -> Callable[..., int]:
        """Return a call of an export."""
        call = self.calls.bind(store, function, len(signature.parameters))
        return tracing.callback(call, name, signature, self.slot) if self._traced else call

    def _define(self, place: tuple[str, str], declared: Hostcall) -> tuple[object, ...]:
        raw = raw_function(declared, self.slot)
        if self._traced:
            raw = tracing.hostcall(raw, place, declared, self.slot)
        signature = declared.signature
        kind = self._types.get(signature) or _function_type(signature)
        self._types[signature] = kind
        return kind, self.calls.define(self.linker, *place, kind, raw)


def _function_type(signature: Signature) -> wasmtime.FuncType:
    return wasmtime.FuncType(
        [_VALUE_TYPES[kind]() for kind in signature.parameters],
        [_VALUE_TYPES[kind]() for kind in signature.results],
    )
