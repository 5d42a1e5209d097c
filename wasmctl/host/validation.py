"""Whether bytes are valid WebAssembly, as the engine says it; nothing is compiled."""

import wasmtime

from wasmctl.host import compiler


def mistake(content: bytes) -> str | None:
    """Return what is wrong with a module, in the engine's words; None where nothing is."""
    try:
        wasmtime.Module.validate(compiler.engine(), content)
    except wasmtime.WasmtimeError as error:
        return " ".join(str(error).split()).removeprefix("WebAssembly translation error ")
    return None
