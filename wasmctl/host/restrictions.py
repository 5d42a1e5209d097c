"""The hostcalls a guest may make while it is not yet, or not really, in a callback.

Any other traps with ``restricted_callback``. Measured on Envoy 1.40, call by call; source:
proxy-wasm-cpp-host ``src/wasm.cc`` (``setRestrictedCallback``).
"""

from wasmctl.abi.wasi import WASI_FUNCTIONS

_NEVER_AT_START = {"fd_close", "fd_read", "fd_seek", "path_open", "proc_exit", "sched_yield"}

# While it allocates memory for the host.
IN_ALLOCATOR = frozenset({"proxy_log", "fd_write", "clock_time_get", "poll_oneoff"})

# In `_initialize`, `main` and `_start`.
AT_START = frozenset(
    {"proxy_log", "emscripten_notify_memory_growth"} | (WASI_FUNCTIONS.keys() - _NEVER_AT_START)
)

# In the module's start section, where a real Envoy dies.
NONE = frozenset[str]()

_OF_RUNTIME = frozenset({"pthread_equal", "emscripten_notify_memory_growth"})


def with_runtime(capabilities: frozenset[str] | None) -> frozenset[str] | None:
    """Return what a plugin may call with these capabilities: a compiler's own functions, too."""
    return None if capabilities is None else capabilities | _OF_RUNTIME
