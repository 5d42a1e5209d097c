"""Random numbers, from a seed: two runs get the same."""

from wasmctl.host.context import Context
from wasmctl.host.hostcall import U32, HostcallError, wasi

_MOST_BYTES = 65536
_INVALID = 28


@wasi
def random_get(context: Context, pointer: U32, size: U32) -> None:
    """Fill memory with random bytes."""
    if size > _MOST_BYTES:
        raise HostcallError(_INVALID, f"{size} bytes are more than {_MOST_BYTES}")
    context.machine.vm.memory.write(pointer, context.machine.shared.random.randbytes(size))
