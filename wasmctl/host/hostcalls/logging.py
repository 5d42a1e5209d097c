"""Logging, with WASI's standard output and error."""

from wasmctl.abi.types import LogLevel
from wasmctl.host.context import Context
from wasmctl.host.hostcall import U32, U64, HostcallError, hostcall, wasi

_LEVELS = {1: LogLevel.INFO, 2: LogLevel.ERROR}
_BAD_DESCRIPTOR = 8
_IOVEC_BYTES = 8


@hostcall
def proxy_log(context: Context, level: LogLevel, message: bytes) -> None:
    """Log a message."""
    plugin = context.plugin
    context.machine.shared.log(level, message, plugin.name if plugin else "")


def _author(context: Context) -> str:
    return context.plugin.name if context.plugin else ""


@hostcall
def proxy_get_log_level(context: Context) -> U32:
    """Return the level below which messages are dropped."""
    return context.machine.shared.log_level


@wasi
def fd_write(context: Context, descriptor: U32, iovecs: U32, count: U32) -> U32:
    """Log what is written to standard output or error: one message, its last newline dropped."""
    level = _LEVELS.get(descriptor)
    if level is None:
        raise HostcallError(_BAD_DESCRIPTOR, f"file descriptor {descriptor} cannot be written")
    memory = context.machine.vm.memory
    text = b""
    for at in range(iovecs, iovecs + count * _IOVEC_BYTES, _IOVEC_BYTES):
        text += memory.read(memory.read_u32(at), memory.read_u32(at + 4))
    if text:
        context.machine.shared.log(level, text.removesuffix(b"\n"), _author(context))
    return len(text)


@wasi
def fd_pwrite(context: Context, descriptor: U32, iovecs: U32, count: U32, _offset: U64) -> U32:
    """Write at an offset: as `fd_write`."""
    return fd_write(context, descriptor, iovecs, count)
