"""The environment of the plugin's machine, and its arguments, of which there are none."""

from wasmctl.host.context import Context
from wasmctl.host.hostcall import U32, wasi


def _entries(context: Context) -> list[bytes]:
    variables = context.machine.environment
    return [f"{name}={value}".encode() + b"\0" for name, value in variables.items()]


@wasi
def environ_sizes_get(context: Context) -> tuple[U32, U32]:
    """Return the number of variables, and their bytes."""
    entries = _entries(context)
    return len(entries), sum(map(len, entries))


@wasi
def environ_get(context: Context, pointers: U32, content: U32) -> None:
    """Write the variables, and where each begins."""
    memory = context.machine.vm.memory
    for index, entry in enumerate(_entries(context)):
        memory.write_u32(pointers + 4 * index, content)
        memory.write(content, entry)
        content += len(entry)


@wasi
def args_sizes_get(_context: Context) -> tuple[U32, U32]:
    """Return the number of arguments, and their bytes."""
    return 0, 0


@wasi
def args_get(_context: Context, _pointers: U32, _content: U32) -> None:
    """Write no arguments."""
