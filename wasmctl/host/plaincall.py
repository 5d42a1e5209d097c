"""The calls of fastcall.py over wasmtime's ordinary interface, for a wheel without the C symbols.

The functions behave alike. Hostcalls get their arguments in slots here as well, so that one
generated function serves both.
"""

import ctypes
from collections.abc import Callable

import wasmtime

from wasmctl.host.marshalling import RawFunction

_WORDS = 2  # 64-bit words in a slot
_U64 = 1 << 64
_U32 = 1 << 32


class _StoppedError(Exception):
    """A hostcall wants the guest to end; the reason waits in the VM."""


def define(
    linker: wasmtime.Linker, module: str, name: str, kind: wasmtime.FuncType, raw: RawFunction
) -> object:
    """Offer a hostcall; what is returned must live as long as the linker."""
    returns = bool(kind.results)

    def hostcall(*arguments: int) -> int | None:
        slots = (ctypes.c_uint64 * (_WORDS * max(len(arguments), 1)))()
        for index, value in enumerate(arguments):
            slots[_WORDS * index] = value % _U64
        if raw(None, None, ctypes.addressof(slots), len(arguments)):
            raise _StoppedError
        return ctypes.c_int32(slots[0]).value if returns else None

    linker.define_func(module, name, kind, hostcall)
    return hostcall


def trap() -> int:
    """Say to `hostcall` above that the guest must end."""
    return 1


def bind(store: wasmtime.Store, function: wasmtime.Func, parameters: int) -> Callable[..., int]:
    """Return a call of an export that takes i32 parameters and returns an i32, or nothing.

    The call raises wasmtime.Trap or wasmtime.WasmtimeError.
    """
    del parameters

    def call(*arguments: int) -> int:
        try:
            returned = function(store, *arguments)
        except _StoppedError as error:
            raise wasmtime.WasmtimeError(str(error)) from error
        return int(returned or 0) % _U32

    return call
