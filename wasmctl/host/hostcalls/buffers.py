"""Buffers: bodies and configurations.

Source: Envoy source/extensions/common/wasm/context.cc (``Context::getBuffer``,
``Buffer::copyTo``, ``Buffer::copyFrom``); proxy-wasm-cpp-host ``src/exports.cc``.
"""

from wasmctl.abi.types import BufferType, Status
from wasmctl.host.body import Body, SpliceError
from wasmctl.host.context import Context
from wasmctl.host.hostcall import U32, HostcallError, hostcall


@hostcall
def proxy_get_buffer_bytes(
    context: Context, buffer_type: BufferType, start: U32, max_size: U32
) -> bytes:
    """Return a part of a buffer; of one that is not there now, none."""
    return _existing(context, buffer_type).read(start, max_size)


@hostcall
def proxy_get_buffer_status(context: Context, buffer_type: BufferType) -> tuple[U32, U32]:
    """Return a buffer's size, and flags, of which Envoy has none."""
    return len(_existing(context, buffer_type).content), 0


@hostcall
def proxy_set_buffer_bytes(
    context: Context, buffer_type: BufferType, start: U32, size: U32, content: bytes
) -> None:
    """Replace the beginning of a body, or append to it."""
    body = _existing(context, buffer_type)
    if not body.writable:
        raise HostcallError(Status.BAD_ARGUMENT, f"{buffer_type.name} cannot be changed now")
    try:
        body.splice(start, size, content)
    except SpliceError as error:
        reason = f"a change at {start} is neither at the start nor at the end"
        raise HostcallError(Status.BAD_ARGUMENT, reason) from error


def _existing(context: Context, buffer_type: BufferType) -> Body:
    found = context.buffer(buffer_type)
    if found is None:
        raise HostcallError(Status.NOT_FOUND, f"{buffer_type.name} is not there now")
    return found
