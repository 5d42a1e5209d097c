"""Every function a plugin may export for the host to call, with its signature per ABI version.

Source: specification 0.1.0, 0.2.0 and 0.2.1 ("Callbacks exposed by the Wasm module");
proxy-wasm-cpp-host ``src/wasm.cc`` (``WasmBase::getFunctions``) for the order of preference.
"""

from collections.abc import Mapping

from wasmctl.abi.signature import Signature
from wasmctl.abi.types import AbiVersion

_EVERYWHERE = {
    "proxy_on_context_create": "ii:",
    "proxy_on_vm_start": "ii:i",
    "proxy_validate_configuration": "ii:i",
    "proxy_on_configure": "ii:i",
    "proxy_on_tick": "i:",
    "proxy_on_new_connection": "i:i",
    "proxy_on_downstream_data": "iii:i",
    "proxy_on_upstream_data": "iii:i",
    "proxy_on_downstream_connection_close": "ii:",
    "proxy_on_upstream_connection_close": "ii:",
    "proxy_on_request_body": "iii:i",
    "proxy_on_response_body": "iii:i",
    "proxy_on_request_trailers": "ii:i",
    "proxy_on_response_trailers": "ii:i",
    "proxy_on_request_metadata": "ii:i",
    "proxy_on_response_metadata": "ii:i",
    "proxy_on_http_call_response": "iiiii:",
    "proxy_on_grpc_receive_initial_metadata": "iii:",
    "proxy_on_grpc_receive": "iii:",
    "proxy_on_grpc_receive_trailing_metadata": "iii:",
    "proxy_on_grpc_close": "iii:",
    "proxy_on_queue_ready": "ii:",
    "proxy_on_done": "i:i",
    "proxy_on_log": "i:",
    "proxy_on_delete": "i:",
    "envoy_on_resolve_dns": "iii:",
    "envoy_on_stats_update": "ii:",
}

_HEADERS_0_1_0 = {"proxy_on_request_headers": "ii:i", "proxy_on_response_headers": "ii:i"}

_SINCE_0_2_0 = {
    "proxy_on_request_headers": "iii:i",
    "proxy_on_response_headers": "iii:i",
    "proxy_on_foreign_function": "iii:",
}

_BY_VERSION = {
    AbiVersion.V0_1_0: _EVERYWHERE | _HEADERS_0_1_0,
    AbiVersion.V0_2_0: _EVERYWHERE | _SINCE_0_2_0,
    AbiVersion.V0_2_1: _EVERYWHERE | _SINCE_0_2_0,
}

CALLBACKS: dict[AbiVersion, dict[str, Signature]] = {
    version: {name: Signature.parse(short) for name, short in table.items()}
    for version, table in _BY_VERSION.items()
}

# The host needs one of these to hand data to the plugin; the first that is exported is taken.
ALLOCATORS = ("malloc", "proxy_on_memory_allocate")
ALLOCATOR_SIGNATURE = Signature.parse("i:i")

# Started with `_initialize` (then `main`, if there is one), else with `_start`.
START_FUNCTIONS: dict[str, Signature] = {
    "_initialize": Signature.parse(":"),
    "main": Signature.parse("ii:i"),
    "__main_void": Signature.parse(":i"),
    "_start": Signature.parse(":"),
}


def looked_up(callbacks: Mapping[str, Signature], *, initializes: bool) -> dict[str, Signature]:
    """Return all that a host looks up in a module: `main` and the like only beside `_initialize`.

    ``initializes`` tells whether the module exports `_initialize`.
    """
    allocators = dict.fromkeys(ALLOCATORS, ALLOCATOR_SIGNATURE)
    wanted = {**callbacks, **START_FUNCTIONS, **allocators}
    for name in ("_start",) if initializes else ("main", "__main_void"):
        del wanted[name]
    return wanted
