"""The program that compiles modules, apart from the host, and the engine that both must share.

compiling.py runs this file as a process of its own. It imports nothing of the package, which
would take longer than its work. What comes in and goes out is binary: a request is the module's
size, seconds of processor time, bytes of memory, and the module; an answer is `COMPILED` or
`REFUSED`, a size, and the machine code or the engine's words.
"""

import resource
import struct
import sys
import time

import wasmtime

# One engine setting serves all, so that one cache does.
_FEATURES = (
    *("wasm_tail_call", "wasm_threads", "wasm_exceptions", "wasm_memory64", "wasm_multi_memory"),
    "wasm_relaxed_simd",
)
_DETERMINISM = ("wasm_relaxed_simd_deterministic", "cranelift_nan_canonicalization")
SETTINGS = (*_FEATURES, *_DETERMINISM, "consume_fuel", "epoch_interruption")

REQUEST = struct.Struct("<QQQ")
ANSWER = struct.Struct("<BQ")
COMPILED = 1
REFUSED = 2


def engine() -> wasmtime.Engine:
    """Make an engine; code that one has compiled runs on another."""
    config = wasmtime.Config()
    for setting in SETTINGS:
        setattr(config, setting, True)
    config.wasm_wide_arithmetic = False  # no release of Envoy knows it
    config.memory_may_move = False
    return wasmtime.Engine(config)


def main() -> None:
    """Compile what is asked for, until nothing is."""
    made = engine()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while header := sys.stdin.buffer.read(REQUEST.size):
        size, seconds, memory = REQUEST.unpack(header)
        content = sys.stdin.buffer.read(size)
        _limit(resource.RLIMIT_CPU, int(time.process_time()) + seconds)
        _limit(resource.RLIMIT_AS, memory)
        kind, answer = _compile(made, content)
        sys.stdout.buffer.write(ANSWER.pack(kind, len(answer)))
        sys.stdout.buffer.write(answer)
        sys.stdout.buffer.flush()


def _limit(kind: int, amount: int) -> None:
    _, hard = resource.getrlimit(kind)
    most = amount if hard == resource.RLIM_INFINITY else min(amount, hard)
    resource.setrlimit(kind, (most, hard))


def _compile(made: wasmtime.Engine, content: bytes) -> tuple[int, bytes]:
    try:
        return COMPILED, bytes(wasmtime.Module(made, content).serialize())
    except wasmtime.WasmtimeError as error:
        return REFUSED, str(error).encode()


if __name__ == "__main__":
    main()
