"""Calls in both directions through wasmtime's unchecked C interface: 20 to 45 times as fast.

``wasmtime_linker_define_func_unchecked`` and ``wasmtime_func_call_unchecked`` are public C
functions of the library in the wheel. They check nothing: whoever calls an export must know its
whole signature (load.py compares each one before anything runs), and a hostcall must never raise
(marshalling.py). Arguments and results lie in slots of 16 bytes each.

plaincall.py offers the same three functions over wasmtime's ordinary interface.
"""

import ctypes
from collections.abc import Callable
from functools import cache
from types import CodeType
from typing import Any

import wasmtime
from wasmtime import _bindings, _ffi

from wasmctl.host.marshalling import RawFunction

_VOID = ctypes.c_void_p
_SIZE = ctypes.c_size_t
_HOSTCALL = ctypes.CFUNCTYPE(_VOID, _VOID, _VOID, _VOID, _SIZE)
_WORDS = 4  # 32-bit words in a slot
_DEFINE = "wasmtime_linker_define_func_unchecked"
_CALL = "wasmtime_func_call_unchecked"

AVAILABLE = hasattr(_ffi.dll, _DEFINE) and hasattr(_ffi.dll, _CALL)


@cache
def _function(name: str, result: type | None, *arguments: type) -> Callable[..., Any]:
    """A prototype of our own at the library's address; wasmtime-py's stays as it is."""
    return ctypes.CFUNCTYPE(result, *arguments)(_address(getattr(_ffi.dll, name)))


def define(
    linker: wasmtime.Linker, module: str, name: str, kind: wasmtime.FuncType, raw: RawFunction
) -> object:
    """Offer a hostcall; what is returned must live as long as the linker."""
    text, number = ctypes.c_char_p, _SIZE
    offer = _function(_DEFINE, _VOID, _VOID, text, number, text, number, *(_VOID,) * 4)
    pointer = _HOSTCALL(raw)
    error = offer(
        *(_address(linker.ptr()), module.encode(), len(module), name.encode(), len(name)),
        *(_address(kind.ptr()), ctypes.cast(pointer, _VOID), None, None),
    )
    if error:
        raise _error(error)
    return pointer


def trap() -> int:
    """Make a trap for a hostcall to return; the engine frees it."""
    made: int = _function("wasmtime_trap_new", _VOID, ctypes.c_char_p, _SIZE)(b"hostcall", 8)
    return made


def bind(store: wasmtime.Store, function: wasmtime.Func, parameters: int) -> Callable[..., int]:
    """Return a call of an export that takes i32 parameters and returns an i32, or nothing.

    The call raises wasmtime.Trap or wasmtime.WasmtimeError.
    """
    count = max(parameters, 1)
    slots = (ctypes.c_uint32 * (_WORDS * count))()
    trapped = _VOID()
    names: dict[str, Any] = {
        "slots": slots,
        "trapped": trapped,
        "invoke": _function(_CALL, _VOID),
        # Values of their C types once and for all: converting them takes as long as the call.
        "store": _VOID(_address(store._context())),  # noqa: SLF001 - the public C function wants it
        "function": _VOID(ctypes.addressof(function._func)),  # noqa: SLF001
        "address": _VOID(ctypes.addressof(slots)),
        "count": _SIZE(count),
        "trapped_address": _VOID(ctypes.addressof(trapped)),
        "failed": _failed,
        "kept": function,
    }
    exec(_call_code(parameters), names)  # noqa: S102 - our own text
    made: Callable[..., int] = names["call"]
    return made


@cache
def _call_code(parameters: int) -> CodeType:
    arguments = [f"a{index}" for index in range(parameters)]
    stores = [f"    slots[{_WORDS * index}] = {name}" for index, name in enumerate(arguments)]
    lines = (
        f"def call({', '.join(arguments)}):",
        *stores,
        "    error = invoke(store, function, address, count, trapped_address)",
        "    if error or trapped.value:",
        "        raise failed(error, trapped)",
        "    return slots[0]",
    )
    return compile("\n".join(lines), "<callback>", "exec")


def _failed(error: int | None, trapped: ctypes.c_void_p) -> Exception:
    """Take the engine's error, or the guest's trap, into an exception that frees it."""
    if error:
        return _error(error)
    pointer = ctypes.cast(trapped, ctypes.POINTER(_bindings.wasm_trap_t))
    trapped.value = None
    return wasmtime.Trap._from_ptr(pointer)  # noqa: SLF001


def _error(address: int) -> wasmtime.WasmtimeError:
    pointer = ctypes.cast(address, ctypes.POINTER(_bindings.wasmtime_error_t))
    return wasmtime.WasmtimeError._from_ptr(pointer)  # noqa: SLF001


def _address(pointer: Any) -> int:  # noqa: ANN401 - the library's pointers have no types
    return ctypes.cast(pointer, _VOID).value or 0
