"""What Envoy answers for the rest of WASI: there are no files, no sockets and no waiting.

Source: proxy-wasm-cpp-host ``src/exports.cc`` (``wasi_unstable_*``). Most are constants, so most
stand in tables.
"""

import contextlib
import struct
from collections.abc import Callable

from wasmctl.abi.types import WasmType
from wasmctl.abi.wasi import MODULES, WASI_FUNCTIONS
from wasmctl.host.context import Context
from wasmctl.host.hostcall import (
    DECLARED,
    U32,
    Convention,
    Hostcall,
    HostcallError,
    Number,
    plain,
    wasi,
)
from wasmctl.host.memory import MemoryAccessError

_SUCCESS = 0
_BAD_DESCRIPTOR = 8
_NOT_SUPPORTED = 58
_OUTPUTS = (1, 2)

_ALWAYS = {
    "fd_advise": _SUCCESS,
    "fd_close": _SUCCESS,
    "fd_fdstat_set_flags": 52,
    "fd_filestat_get": _BAD_DESCRIPTOR,
    "fd_pread": 52,
    "fd_prestat_dir_name": 52,
    "fd_prestat_get": _BAD_DESCRIPTOR,
    "fd_read": 52,
    "fd_readdir": 20,
    "fd_seek": _SUCCESS,
    "path_create_directory": _NOT_SUPPORTED,
    "path_filestat_get": _NOT_SUPPORTED,
    "path_filestat_set_times": _NOT_SUPPORTED,
    "path_link": _NOT_SUPPORTED,
    "path_open": 44,
    "path_readlink": _NOT_SUPPORTED,
    "path_remove_directory": _NOT_SUPPORTED,
    "path_rename": _NOT_SUPPORTED,
    "path_symlink": _NOT_SUPPORTED,
    "path_unlink_file": _NOT_SUPPORTED,
    "poll_oneoff": _SUCCESS,  # it does not sleep; Go's runtime needs the success
    "sched_yield": _SUCCESS,
    "sock_recv": _NOT_SUPPORTED,
    "sock_send": _NOT_SUPPORTED,
    "sock_shutdown": _NOT_SUPPORTED,
}

# Answered so for standard output and error; any other descriptor is a bad one.
_FOR_OUTPUTS = {
    "fd_allocate": _SUCCESS,
    "fd_datasync": _SUCCESS,
    "fd_fdstat_set_rights": _SUCCESS,
    "fd_filestat_set_size": _SUCCESS,
    "fd_filestat_set_times": _SUCCESS,
    "fd_renumber": _NOT_SUPPORTED,
    "fd_sync": _SUCCESS,
}

_OUTPUT_ARGUMENTS = dict.fromkeys(_FOR_OUTPUTS, (0,)) | {"fd_renumber": (0, 1)}

# The parameters that point to a result, which is always set to zero.
_ZEROED = {
    "fd_readdir": (4,),
    "path_readlink": (5,),
    "poll_oneoff": (3,),
    "sock_recv": (4, 5),
    "sock_send": (4,),
}

_WRITE_RIGHT = 64
_STATUS = struct.Struct("<BxHxxxxQQ")


@wasi
def fd_fdstat_get(context: Context, descriptor: U32, pointer: U32) -> None:
    """Say that standard output and error may be written, and no more.

    Envoy does not look whether it could write the answer.
    """
    _check_output(descriptor)
    with contextlib.suppress(MemoryAccessError):
        context.machine.vm.memory.write(pointer, _STATUS.pack(0, 0, _WRITE_RIGHT, 0))


@wasi
def fd_tell(context: Context, descriptor: U32, pointer: U32) -> None:
    """Say that standard output and error are at their beginning."""
    _check_output(descriptor)
    context.machine.vm.memory.write_u64(pointer, 0)


@wasi
def sock_accept(context: Context, _socket: U32, _flags: U32, pointer: U32) -> None:
    """Refuse, and write a zero of 64 bits where a descriptor of 32 is expected, as Envoy does."""
    context.machine.vm.memory.write_u64(pointer, 0)
    raise HostcallError(_NOT_SUPPORTED, "a proxy has no sock_accept")


@plain(*MODULES)
def proc_exit(_context: Context, _code: U32) -> None:
    """Do nothing: Envoy goes on, and the guest usually meets its own `unreachable`."""


def _check_output(descriptor: int) -> None:
    if descriptor not in _OUTPUTS:
        raise HostcallError(_BAD_DESCRIPTOR, f"file descriptor {descriptor} is not open")


def _constant(name: str, errno: int) -> Callable[..., None]:
    def answer(context: Context, *arguments: int) -> None:
        for index in _ZEROED.get(name, ()):
            context.machine.vm.memory.write_u32(arguments[index], 0)
        for index in _OUTPUT_ARGUMENTS.get(name, ()):
            _check_output(arguments[index])
        if errno:
            raise HostcallError(errno, f"a proxy has no {name}")

    return answer


def _declare(name: str, errno: int) -> Hostcall:
    types = WASI_FUNCTIONS[name].parameters
    kinds = [Number.U64 if kind is WasmType.I64 else Number.U32 for kind in types]
    return Hostcall(
        name=name,
        modules=MODULES,
        function=_constant(name, errno),
        parameters=tuple((f"argument{index}", kind) for index, kind in enumerate(kinds)),
        results=(),
        convention=Convention.ERRNO,
    )


DECLARED.update((name, _declare(name, errno)) for name, errno in (_ALWAYS | _FOR_OUTPUTS).items())
