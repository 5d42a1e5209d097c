"""Foreign functions: Envoy's own extensions.

Source: proxy-wasm-cpp-host ``src/exports.cc`` (``call_foreign_function``): the results are written
even where the function fails, and an address of 0 says that one is not wanted.
"""

from wasmctl.abi.types import Status
from wasmctl.host.context import Context
from wasmctl.host.foreign import FUNCTIONS
from wasmctl.host.hostcall import U32, HostcallError, UnimplementedError, hostcall
from wasmctl.host.vm import Vm


@hostcall
def proxy_call_foreign_function(
    context: Context, name: bytes, argument: bytes, result_at: U32, size_at: U32
) -> None:
    """Call a function of the proxy's by its name."""
    function = FUNCTIONS.get(name)
    if function is None:
        raise HostcallError(Status.NOT_FOUND, f"no foreign function is called {name!r}")
    vm = context.machine.vm
    try:
        result = function(context, argument)
    except HostcallError:
        _give(vm, None, result_at, size_at)
        raise
    _give(vm, result, result_at, size_at)


def _give(vm: Vm, result: bytes | None, result_at: int, size_at: int) -> None:
    if result_at:
        vm.memory.write_u32(result_at, vm.place(result) if result is not None else 0)
    if size_at:
        vm.memory.write_u32(size_at, len(result or b""))


@hostcall
def envoy_resolve_dns(_context: Context, _name: bytes) -> U32:
    """Look up a name's addresses."""
    raise UnimplementedError
