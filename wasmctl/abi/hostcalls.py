"""Every function a plugin may import from ``env``, with its signature and its ABI versions.

Source: specification 0.1.0, 0.2.0 and 0.2.1 ("Functions implemented in the host"); for what the
specification leaves open, proxy-wasm-cpp-host ``include/proxy-wasm/exports.h``.
"""

from wasmctl.abi.signature import Signature
from wasmctl.abi.types import AbiVersion

_EVERYWHERE = {
    "proxy_log": "iii:i",
    "proxy_get_status": "iii:i",
    "proxy_set_property": "iiii:i",
    "proxy_get_property": "iiii:i",
    "proxy_send_local_response": "iiiiiiii:i",
    "proxy_get_shared_data": "iiiii:i",
    "proxy_set_shared_data": "iiiii:i",
    "proxy_register_shared_queue": "iii:i",
    "proxy_resolve_shared_queue": "iiiii:i",
    "proxy_enqueue_shared_queue": "iii:i",
    "proxy_dequeue_shared_queue": "iii:i",
    "proxy_get_header_map_value": "iiiii:i",
    "proxy_add_header_map_value": "iiiii:i",
    "proxy_replace_header_map_value": "iiiii:i",
    "proxy_remove_header_map_value": "iii:i",
    "proxy_get_header_map_pairs": "iii:i",
    "proxy_set_header_map_pairs": "iii:i",
    "proxy_get_header_map_size": "ii:i",
    "proxy_get_buffer_bytes": "iiiii:i",
    "proxy_get_buffer_status": "iii:i",
    "proxy_set_buffer_bytes": "iiiii:i",
    "proxy_http_call": "iiiiiiiiii:i",
    "proxy_define_metric": "iiii:i",
    "proxy_increment_metric": "iI:i",
    "proxy_record_metric": "iI:i",
    "proxy_get_metric": "ii:i",
    "proxy_grpc_call": "iiiiiiiiiiii:i",
    "proxy_grpc_stream": "iiiiiiiii:i",
    "proxy_grpc_send": "iiii:i",
    "proxy_grpc_cancel": "i:i",
    "proxy_grpc_close": "i:i",
    "proxy_set_tick_period_milliseconds": "i:i",
    "proxy_get_current_time_nanoseconds": "i:i",
    "proxy_set_effective_context": "i:i",
    "proxy_done": ":i",
    "proxy_call_foreign_function": "iiiiii:i",
    # Not in the specification; exports.h registers them for every version.
    "envoy_resolve_dns": "iii:i",
    "pthread_equal": "ii:i",
    "emscripten_notify_memory_growth": "i:",
}

_ONLY_0_1_0 = {
    "proxy_get_configuration": "ii:i",
    "proxy_continue_request": ":i",
    "proxy_continue_response": ":i",
    "proxy_clear_route_cache": ":i",
}

_SINCE_0_2_0 = {"proxy_continue_stream": "i:i", "proxy_close_stream": "i:i"}

_SINCE_0_2_1 = {"proxy_get_log_level": "i:i"}

_BY_VERSION = {
    AbiVersion.V0_1_0: _EVERYWHERE | _ONLY_0_1_0,
    AbiVersion.V0_2_0: _EVERYWHERE | _SINCE_0_2_0,
    AbiVersion.V0_2_1: _EVERYWHERE | _SINCE_0_2_0 | _SINCE_0_2_1,
}

HOSTCALLS: dict[AbiVersion, dict[str, Signature]] = {
    version: {name: Signature.parse(short) for name, short in table.items()}
    for version, table in _BY_VERSION.items()
}
