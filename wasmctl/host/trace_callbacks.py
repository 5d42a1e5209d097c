"""What the numbers of callbacks mean: their parameters by name, and what they return.

Source: specification 0.2.1, "Callbacks exposed by the Wasm module"; for the statuses of stream
callbacks Envoy's envoy/http/filter.h (``FilterHeadersStatus`` and its like), to which
proxy-wasm-cpp-host maps them.
"""

from wasmctl.host.trace import Value

_HEADERS = ("CONTINUE", "STOP_ITERATION", "CONTINUE_AND_END_STREAM")
_HEADERS_STATUS = (
    *_HEADERS,
    "STOP_ALL_ITERATION_AND_BUFFER",
    "STOP_ALL_ITERATION_AND_WATERMARK",
)
_DATA_STATUS = (
    "CONTINUE",
    "STOP_ITERATION_AND_BUFFER",
    "STOP_ITERATION_AND_WATERMARK",
    "STOP_ITERATION_NO_BUFFER",
)
_STATUS = ("CONTINUE", "STOP_ITERATION")
_TRUTH = ("false", "true")
_CLOSERS = ("UNKNOWN", "LOCAL", "REMOTE")

_PARAMETERS = {
    "main": ("argc", "argv"),
    "malloc": ("size",),
    "proxy_on_memory_allocate": ("size",),
    "proxy_on_context_create": ("context_id", "parent_context_id"),
    "proxy_on_vm_start": ("plugin_context_id", "vm_configuration_size"),
    "proxy_validate_configuration": ("plugin_context_id", "plugin_configuration_size"),
    "proxy_on_configure": ("plugin_context_id", "plugin_configuration_size"),
    "proxy_on_tick": ("plugin_context_id",),
    "proxy_on_new_connection": ("stream_context_id",),
    "proxy_on_downstream_data": ("stream_context_id", "data_size", "end_of_stream"),
    "proxy_on_upstream_data": ("stream_context_id", "data_size", "end_of_stream"),
    "proxy_on_downstream_connection_close": ("stream_context_id", "close_source"),
    "proxy_on_upstream_connection_close": ("stream_context_id", "close_source"),
    "proxy_on_request_headers": ("stream_context_id", "num_headers", "end_of_stream"),
    "proxy_on_response_headers": ("stream_context_id", "num_headers", "end_of_stream"),
    "proxy_on_request_body": ("stream_context_id", "body_size", "end_of_stream"),
    "proxy_on_response_body": ("stream_context_id", "body_size", "end_of_stream"),
    "proxy_on_request_trailers": ("stream_context_id", "num_trailers"),
    "proxy_on_response_trailers": ("stream_context_id", "num_trailers"),
    "proxy_on_request_metadata": ("stream_context_id", "num_elements"),
    "proxy_on_response_metadata": ("stream_context_id", "num_elements"),
    "proxy_on_http_call_response": (
        *("plugin_context_id", "call_id"),
        *("num_headers", "body_size", "num_trailers"),
    ),
    "proxy_on_grpc_receive_initial_metadata": ("plugin_context_id", "call_id", "num_elements"),
    "proxy_on_grpc_receive": ("plugin_context_id", "call_id", "message_size"),
    "proxy_on_grpc_receive_trailing_metadata": ("plugin_context_id", "call_id", "num_elements"),
    "proxy_on_grpc_close": ("plugin_context_id", "call_id", "status_code"),
    "proxy_on_queue_ready": ("plugin_context_id", "queue_id"),
    "proxy_on_foreign_function": ("plugin_context_id", "function_id", "arguments_size"),
    "proxy_on_done": ("context_id",),
    "proxy_on_log": ("context_id",),
    "proxy_on_delete": ("context_id",),
    "envoy_on_resolve_dns": ("plugin_context_id", "token", "result_size"),
    "envoy_on_stats_update": ("plugin_context_id", "result_size"),
}

_RETURNS = {
    "proxy_on_vm_start": _TRUTH,
    "proxy_validate_configuration": _TRUTH,
    "proxy_on_configure": _TRUTH,
    "proxy_on_done": _TRUTH,
    "proxy_on_new_connection": _STATUS,
    "proxy_on_downstream_data": _STATUS,
    "proxy_on_upstream_data": _STATUS,
    "proxy_on_request_headers": _HEADERS_STATUS,
    "proxy_on_response_headers": _HEADERS_STATUS,
    "proxy_on_request_body": _DATA_STATUS,
    "proxy_on_response_body": _DATA_STATUS,
    "proxy_on_request_trailers": _STATUS,
    "proxy_on_response_trailers": _STATUS,
    "proxy_on_request_metadata": _STATUS,
    "proxy_on_response_metadata": _STATUS,
}


def arguments(name: str, numbers: tuple[int, ...]) -> tuple[tuple[str, Value], ...]:
    """Name what the host passed to a callback."""
    # ABI 0.1.0 tells header callbacks less, so there may be more names than numbers.
    named = zip(_PARAMETERS.get(name, ()), numbers, strict=False)
    return tuple((parameter, _value(parameter, number)) for parameter, number in named)


def _value(parameter: str, number: int) -> Value:
    if parameter == "end_of_stream":
        return _TRUTH[bool(number)]
    if parameter == "close_source" and number < len(_CLOSERS):
        return _CLOSERS[number]
    return number


def results(name: str, returned: int | None) -> tuple[Value, ...]:
    """Say what a callback's answer means; a number without a meaning stands for itself."""
    words = _RETURNS.get(name)
    if words is None or returned is None:
        return () if returned is None else (returned,)
    if words is _TRUTH:
        return (words[bool(returned)],)
    return (words[returned] if returned < len(words) else returned,)
