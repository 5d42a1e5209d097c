"""What a hostcall is: a typed function over a context, and everything its annotations tell.

``@hostcall`` reads the annotations once. A parameter of type `bytes` or `Pairs` arrives as a
pointer and a length, a number or an enumeration as itself; a result is written through return
pointers that stand after the parameters. marshalling.py turns the declaration into a function for
the engine. The functions stay what they are: a test calls them with a context and plain values.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum, IntEnum
from itertools import chain
from typing import Annotated, Final, TypeVar, get_args, get_origin, get_type_hints

from wasmctl.abi.signature import Signature
from wasmctl.abi.types import Status, WasmType
from wasmctl.abi.wasi import MODULES as WASI_MODULES
from wasmctl.messages import Pair


class Number(Enum):
    """How an integer is passed."""

    U32 = "u32"
    I32 = "i32"
    U64 = "u64"
    I64 = "i64"

    @property
    def wasm_type(self) -> WasmType:
        """Its WebAssembly type."""
        return WasmType.I64 if self in {Number.U64, Number.I64} else WasmType.I32


U32 = Annotated[int, Number.U32]
I32 = Annotated[int, Number.I32]
U64 = Annotated[int, Number.U64]
I64 = Annotated[int, Number.I64]
Pairs = tuple[Pair, ...]


class Octets(Enum):
    """What a pointer and a length stand for: plain bytes, or serialised pairs."""

    BYTES = "bytes"
    PAIRS = "pairs"


Kind = Number | Octets | type[IntEnum]


class Convention(Enum):
    """What a function returns to the guest."""

    STATUS = "status"  # Proxy-Wasm's Status
    ERRNO = "errno"  # WASI's errno
    VALUE = "value"  # its result itself


class HostcallError(Exception):
    """A hostcall's refusal: what it returns instead of OK, and the rule that was broken."""

    def __init__(self, status: int, reason: str = "") -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class UnimplementedError(HostcallError):
    """Envoy can do this, this host cannot yet: UNIMPLEMENTED, and reported to the host's user."""

    def __init__(self, what: str = "") -> None:
        super().__init__(Status.UNIMPLEMENTED, f"{what or 'this'} is not implemented yet")
        self.what = what


@dataclass(frozen=True, kw_only=True)
class Hostcall:
    """A function of the host, declared.

    Attributes:
        modules: the import modules that offer it.
        parameters: its parameters after the context, by name.
        results: what is written through return pointers (or returned, by convention VALUE).

    """

    name: str
    modules: tuple[str, ...]
    function: Callable[..., object]
    parameters: tuple[tuple[str, Kind], ...]
    results: tuple[Kind, ...]
    convention: Convention

    @property
    def signature(self) -> Signature:
        """The WebAssembly signature that follows from the declaration."""
        values = _all(value_types(kind) for _, kind in self.parameters)
        if self.convention is Convention.VALUE:
            return Signature(values, _all(value_types(kind) for kind in self.results))
        pointers = sum(return_pointers(kind) for kind in self.results)
        return Signature(values + (WasmType.I32,) * pointers, (WasmType.I32,))


def _all(groups: Iterable[tuple[WasmType, ...]]) -> tuple[WasmType, ...]:
    return tuple(chain.from_iterable(groups))


Function = TypeVar("Function", bound=Callable[..., object])
DECLARED: Final[dict[str, Hostcall]] = {}


def hostcall(function: Function) -> Function:
    """Declare a function of Proxy-Wasm: the guest gets a Status, OK if the function returns."""
    return _declare(function, ("env",), Convention.STATUS)


def wasi(function: Function) -> Function:
    """Declare a function of WASI: the guest gets an errno, 0 if the function returns."""
    return _declare(function, WASI_MODULES, Convention.ERRNO)


def plain(*modules: str) -> Callable[[Function], Function]:
    """Declare a function that returns its own value, or nothing."""
    return lambda function: _declare(function, modules, Convention.VALUE)


def _declare(function: Function, modules: tuple[str, ...], convention: Convention) -> Function:
    hints = get_type_hints(function, include_extras=True)
    result = hints.pop("return")
    _context, *parameters = hints.items()
    DECLARED[function.__name__] = Hostcall(
        name=function.__name__,
        modules=modules,
        function=function,
        parameters=tuple((name, _kind(hint)) for name, hint in parameters),
        results=_results(result),
        convention=convention,
    )
    return function


def _results(hint: object) -> tuple[Kind, ...]:
    if hint is type(None):
        return ()
    if get_origin(hint) is tuple and hint != Pairs:
        return tuple(_kind(part) for part in get_args(hint))
    return (_kind(hint),)


def _kind(hint: object) -> Kind:
    if hint is bytes:
        return Octets.BYTES
    if hint == Pairs:
        return Octets.PAIRS
    if isinstance(hint, type) and issubclass(hint, IntEnum):
        return hint
    return Number(get_args(hint)[1])


def value_types(kind: Kind) -> tuple[WasmType, ...]:
    """Return the parameters that carry a value: bytes are a pointer and a length."""
    match kind:
        case Octets():
            return (WasmType.I32, WasmType.I32)
        case Number():
            return (kind.wasm_type,)
        case _:
            return (WasmType.I32,)


def return_pointers(kind: Kind) -> int:
    """Count the pointers through which a result is written: bytes need an address and a size."""
    return 2 if isinstance(kind, Octets) else 1
