"""The WASI functions that Envoy offers a plugin, with the signatures Envoy gives them.

Source: proxy-wasm-cpp-host ``include/proxy-wasm/exports.h`` (``FOR_ALL_WASI_FUNCTIONS``). Envoy
1.36 to 1.38 offer the first table; 1.39 and newer offer both. ``path_link`` and ``path_symlink``
have another arity there than in WASI, so a module that follows WASI is refused.
"""

from wasmctl.abi.signature import Signature

MODULES = ("wasi_snapshot_preview1", "wasi_unstable")

_ALWAYS = {
    "args_get": "ii:i",
    "args_sizes_get": "ii:i",
    "environ_get": "ii:i",
    "environ_sizes_get": "ii:i",
    "clock_time_get": "iIi:i",
    "random_get": "ii:i",
    "proc_exit": "i:",
    "sched_yield": ":i",
    "poll_oneoff": "iiii:i",
    "path_open": "iiiiiIIii:i",
    "fd_read": "iiii:i",
    "fd_write": "iiii:i",
    "fd_close": "i:i",
    "fd_seek": "iIii:i",
    "fd_fdstat_get": "ii:i",
    "fd_fdstat_set_flags": "ii:i",
    "fd_prestat_get": "ii:i",
    "fd_prestat_dir_name": "iii:i",
}

_SINCE_1_39 = {
    "clock_res_get": "ii:i",
    "fd_advise": "iIIi:i",
    "fd_allocate": "iII:i",
    "fd_datasync": "i:i",
    "fd_fdstat_set_rights": "iII:i",
    "fd_filestat_get": "ii:i",
    "fd_filestat_set_size": "iI:i",
    "fd_filestat_set_times": "iIIi:i",
    "fd_pread": "iiiIi:i",
    "fd_pwrite": "iiiIi:i",
    "fd_readdir": "iiiIi:i",
    "fd_renumber": "ii:i",
    "fd_sync": "i:i",
    "fd_tell": "ii:i",
    "path_create_directory": "iii:i",
    "path_filestat_get": "iiiii:i",
    "path_filestat_set_times": "iiiiIIi:i",
    "path_link": "iiiiii:i",
    "path_readlink": "iiiiii:i",
    "path_remove_directory": "iii:i",
    "path_rename": "iiiiii:i",
    "path_symlink": "iiii:i",
    "path_unlink_file": "iii:i",
    "sock_accept": "iii:i",
    "sock_recv": "iiiiii:i",
    "sock_send": "iiiii:i",
    "sock_shutdown": "ii:i",
}

WASI_FUNCTIONS: dict[str, Signature] = {
    name: Signature.parse(short) for name, short in (_ALWAYS | _SINCE_1_39).items()
}

WASI_FUNCTIONS_BEFORE_1_39 = {name: WASI_FUNCTIONS[name] for name in _ALWAYS}
