"""Functions of the boundary that take down each call: those of a traced linkage.

Without a trace none of this is linked, so that it costs nothing.
"""

import struct
from collections.abc import Callable
from typing import Protocol

from wasmctl.abi.signature import Signature
from wasmctl.abi.types import WasmType
from wasmctl.host import explanations, trace_callbacks, trace_values
from wasmctl.host.hostcall import Hostcall
from wasmctl.host.marshalling import SPACE, U32, RawFunction
from wasmctl.host.memory import Memory
from wasmctl.host.trace import Ending, Place, Recorder, TraceKind

_U32 = (1 << 32) - 1


class TracedVm(Protocol):
    """What is needed of the machine that runs."""

    memory: Memory
    recorder: Recorder

    @property
    def context(self) -> Place | None:
        """What hostcalls act on."""

    def stop(self, error: BaseException) -> int:
        """Keep what was raised, and return the trap that ends the guest."""


class Slot(Protocol):
    """Where the machine that runs is found."""

    @property
    def vm(self) -> TracedVm:
        """That machine."""


def hostcall(
    raw: RawFunction, place: tuple[str, str], declared: Hostcall, slot: Slot
) -> RawFunction:
    """Return a hostcall that takes down what it is asked and what it answers."""
    parameters = declared.signature.parameters
    returns = bool(declared.signature.results)

    def traced(environment: object, caller: object, address: int, count: int) -> int | None:
        vm = slot.vm
        try:
            numbers = _read(parameters, address)
            values = trace_values.arguments(declared, numbers, vm.memory)
            index = vm.recorder.begin(TraceKind.HOSTCALL, place, numbers, values, vm.context)
            trap = raw(environment, caller, address, count)
            if trap:
                vm.recorder.end(index, Ending.TRAPPED)
                return trap
            returned = _u32(address) if returns else None
            _conclude(vm, index, declared, numbers, returned)
        except BaseException as error:  # noqa: BLE001 - nothing may be raised into the engine
            return vm.stop(error)
        return None

    return traced


def _conclude(
    vm: TracedVm, index: int, declared: Hostcall, numbers: tuple[int, ...], returned: int | None
) -> None:
    status = trace_values.status(declared, returned)
    refused = bool(status) and returned != 0
    vm.recorder.end(
        index,
        Ending.RETURNED,
        returned=returned,
        results=() if refused else trace_values.results(declared, numbers, vm.memory),
        status=status,
        explanation=explanations.explain(declared, numbers, vm.memory, vm.recorder)
        if refused
        else "",
    )


def callback(
    call: Callable[..., int], name: str, signature: Signature, slot: Slot
) -> Callable[..., int]:
    """Return a call of an export that is taken down."""
    returns = bool(signature.results)

    def traced(*arguments: int) -> int:
        vm = slot.vm
        numbers = tuple(argument & _U32 for argument in arguments)
        values = trace_callbacks.arguments(name, numbers)
        index = vm.recorder.begin(TraceKind.CALLBACK, ("", name), numbers, values, vm.context)
        try:
            returned = call(*arguments)
        except BaseException:
            vm.recorder.end(index, Ending.TRAPPED)
            raise
        shown = returned if returns else None
        results = trace_callbacks.results(name, shown)
        vm.recorder.end(index, Ending.RETURNED, returned=shown, results=results)
        return returned

    return traced


def _read(parameters: tuple[WasmType, ...], address: int) -> tuple[int, ...]:
    """Read the arguments from their slots of 16 bytes."""
    layout = "".join("Q8x" if kind is WasmType.I64 else "I12x" for kind in parameters)
    return struct.unpack_from(f"<{layout}", SPACE, address)


def _u32(address: int) -> int:
    return int(U32[address >> 2])
