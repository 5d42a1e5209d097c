"""What Emscripten's runtime imports from ``env``."""

from wasmctl.host.context import Context
from wasmctl.host.hostcall import U32, plain


@plain("env")
def pthread_equal(_context: Context, left: U32, right: U32) -> U32:
    """Whether two threads are one."""
    return int(left == right)


@plain("env")
def emscripten_notify_memory_growth(_context: Context, _memory: U32) -> None:
    """Hear of a larger memory, which the host sees for itself."""
