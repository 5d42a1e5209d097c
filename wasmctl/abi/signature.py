"""A function's WebAssembly signature, written shortly as in ``iiI:i``."""

from dataclasses import dataclass

from wasmctl.abi.types import WasmType

_LETTERS = {
    "i": WasmType.I32,
    "I": WasmType.I64,
    "f": WasmType.F32,
    "F": WasmType.F64,
}


@dataclass(frozen=True)
class Signature:
    """Parameter and result types, in order."""

    parameters: tuple[WasmType, ...]
    results: tuple[WasmType, ...]

    @classmethod
    def parse(cls, short: str) -> "Signature":
        """Read ``iiI:i``: i for i32, I for i64, f and F for floats; results after the colon."""
        parameters, _, results = short.partition(":")
        return cls(
            tuple(_LETTERS[letter] for letter in parameters),
            tuple(_LETTERS[letter] for letter in results),
        )

    def __str__(self) -> str:
        parameters = " ".join(self.parameters)
        results = " ".join(self.results)
        return f"({parameters}) -> ({results})"
