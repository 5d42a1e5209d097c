"""A store's fuel, set and read at each entry: as directly as ctypes can."""

import ctypes
from functools import cache, partial

import wasmtime
from wasmtime import _ffi

_POINTER = ctypes.c_void_p
_U64 = ctypes.c_uint64


@cache
def _functions() -> tuple["ctypes._FuncPointer", "ctypes._FuncPointer"]:
    """Prototypes of our own at the library's addresses; wasmtime-py's stay as they are."""
    kind = ctypes.CFUNCTYPE(_POINTER)
    dll = _ffi.dll
    return (
        ctypes.cast(dll.wasmtime_context_set_fuel, kind),
        ctypes.cast(dll.wasmtime_context_get_fuel, kind),
    )


class FuelMeter:
    """The fuel of a store whose engine consumes some, so that neither call can fail.

    Attributes:
        fill: gives the store ``fuel`` of it, whatever was left.

    """

    __slots__ = ("_fuel", "_left", "_measure", "fill")

    def __init__(self, store: wasmtime.Store, fuel: int) -> None:
        # The public C functions want it, of its C type once and for all.
        context = _POINTER(ctypes.cast(store._context(), _POINTER).value)  # noqa: SLF001
        setting, getting = _functions()
        self._fuel = fuel
        self._left = _U64()
        self.fill = partial(setting, context, _U64(fuel))
        self._measure = partial(getting, context, _POINTER(ctypes.addressof(self._left)))

    @property
    def used(self) -> int:
        """What was used since it was filled."""
        self._measure()
        return self._fuel - self._left.value
