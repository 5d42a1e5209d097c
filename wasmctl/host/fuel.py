"""A store's fuel, set and read at each entry: as directly as ctypes can."""

import ctypes
from functools import cache

import wasmtime
from wasmtime import _ffi

_POINTER = ctypes.c_void_p
_U64 = ctypes.c_uint64


@cache
def _functions() -> tuple["ctypes._FuncPointer", "ctypes._FuncPointer"]:
    """Prototypes of our own at the library's addresses; wasmtime-py's stay as they are."""
    setting = ctypes.CFUNCTYPE(_POINTER, _POINTER, _U64)
    getting = ctypes.CFUNCTYPE(_POINTER, _POINTER, _POINTER)
    dll = _ffi.dll
    return (
        ctypes.cast(dll.wasmtime_context_set_fuel, setting),
        ctypes.cast(dll.wasmtime_context_get_fuel, getting),
    )


class FuelMeter:
    """The fuel of a store whose engine consumes some, so that neither call can fail."""

    __slots__ = ("_context", "_get", "_left", "_left_at", "_set")

    def __init__(self, store: wasmtime.Store) -> None:
        # The public C functions want it.
        self._context = ctypes.cast(store._context(), _POINTER)  # noqa: SLF001
        self._set, self._get = _functions()
        self._left = _U64()
        self._left_at = _POINTER(ctypes.addressof(self._left))

    def fill(self, fuel: int) -> None:
        """Set what is left."""
        self._set(self._context, fuel)

    @property
    def left(self) -> int:
        """What is left."""
        self._get(self._context, self._left_at)
        return self._left.value
