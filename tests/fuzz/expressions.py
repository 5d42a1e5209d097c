"""Code at random: expressions of the text format that any engine takes, and few will like."""

from collections.abc import Callable, Mapping
from random import Random

from wasmctl.abi.hostcalls import HOSTCALLS
from wasmctl.abi.types import AbiVersion, WasmType

_ABI = HOSTCALLS[AbiVersion.V0_2_1]
_CALLABLE = [name for name, kind in _ABI.items() if kind.results]
_BINARY = ("add", "sub", "mul", "and", "or", "xor", "shl", "rotr")
_PARTIAL = ("div_s", "div_u", "rem_s", "rem_u")
_FLOAT = ("add", "sub", "mul", "div", "min", "copysign")
_COMPARED = ("eq", "lt_s", "gt_u")
_EDGES = (0, 1, -1, 7, 255, 65535, 65536, 524284, 524288, 0x7FFFFFFF, -0x80000000)

_Maker = Callable[[Random, int], str]


def value(random: Random, kind: WasmType, depth: int) -> str:
    """Return an expression of a type, so many deep at most."""
    if depth <= 0 or random.random() < 0.15:
        return _constant(random, kind)
    makers = _MAKERS[kind]
    return random.choice(makers)(random, depth - 1)


def _constant(random: Random, kind: WasmType) -> str:
    if kind in {WasmType.F32, WasmType.F64}:
        return f"({kind}.const {random.choice(('0', '-1.5', 'inf', 'nan', '1e30'))})"
    return f"({kind}.const {random.choice((*_EDGES, random.randrange(2000)))})"


def _binary(kind: WasmType, names: tuple[str, ...]) -> _Maker:
    def make(random: Random, depth: int) -> str:
        left, right = (value(random, kind, depth) for _ in range(2))
        return f"({kind}.{random.choice(names)} {left} {right})"

    return make


def _either(kind: WasmType) -> _Maker:
    def make(random: Random, depth: int) -> str:
        test = value(random, WasmType.I32, depth)
        one, other = (value(random, kind, depth) for _ in range(2))
        return f"(if (result {kind}) {test} (then {one}) (else {other}))"

    return make


def _loaded(kind: WasmType) -> _Maker:
    def make(random: Random, depth: int) -> str:
        return f"({kind}.load {_address(random, depth)})"

    return make


def _address(random: Random, depth: int) -> str:
    """Point into memory mostly: beyond it, all ends."""
    anywhere = value(random, WasmType.I32, depth)
    return anywhere if random.random() < 0.1 else f"(i32.and {anywhere} (i32.const 65535))"


def _from(kind: WasmType, instruction: str, source: WasmType) -> _Maker:
    def make(random: Random, depth: int) -> str:
        return f"({kind}.{instruction} {value(random, source, depth)})"

    return make


def _compared(random: Random, depth: int) -> str:
    kind = random.choice((WasmType.I32, WasmType.I64))
    left, right = (value(random, kind, depth) for _ in range(2))
    return f"({kind}.{random.choice(_COMPARED)} {left} {right})"


def _called(random: Random, depth: int) -> str:
    name = random.choice(_CALLABLE)
    values = [value(random, kind, min(depth, 1)) for kind in _ABI[name].parameters]
    return f"(call ${name} {' '.join(values)})"


def _stored(random: Random, depth: int) -> str:
    at, content = _address(random, depth), value(random, WasmType.I32, depth)
    size = random.choice(("memory.fill", "memory.copy"))
    act = random.choice((f"(i32.store {at} {content})", f"({size} {at} {content} (i32.const 99))"))
    return f"(block (result i32) {act} {value(random, WasmType.I32, depth)})"


def _grown(random: Random, depth: int) -> str:
    return f"(memory.grow (i32.and {value(random, WasmType.I32, depth)} (i32.const 15)))"


def _looped(random: Random, depth: int) -> str:
    inside = value(random, WasmType.I32, depth)
    again = value(random, WasmType.I32, depth)
    return f"(loop $again (result i32) {inside} (br_if $again {again}))"


_I32, _I64, _F32, _F64 = WasmType
_MAKERS: Mapping[WasmType, tuple[_Maker, ...]] = {
    _I32: (
        *(
            _binary(_I32, _BINARY),
            _binary(_I32, _BINARY * 3 + _PARTIAL),
            _either(_I32),
            _loaded(_I32),
        ),
        *(_compared, _stored, _grown, _looped, _called, _called, _called),
        *(_from(_I32, "trunc_f64_s", _F64), _from(_I32, "wrap_i64", _I64)),
    ),
    _I64: (
        *(_binary(_I64, _BINARY), _binary(_I64, _PARTIAL), _either(_I64), _loaded(_I64)),
        *(_from(_I64, "extend_i32_s", _I32), _from(_I64, "trunc_sat_f32_u", _F32)),
    ),
    _F32: (_binary(_F32, _FLOAT), _loaded(_F32), _from(_F32, "demote_f64", _F64)),
    _F64: (_binary(_F64, _FLOAT), _either(_F64), _from(_F64, "convert_i64_u", _I64)),
}
