"""Hostcalls as an author writes them with the AssemblyScript SDK, by the hostcall's name."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.sdk.literals import Untranslatable, data, pairs, path, text

Argument = str | int | bytes
Call = Callable[..., str]

CALLS: dict[str, Call] = {}

_MAPS = {
    0: "requestHeaders",
    1: "requestTrailers",
    2: "responseHeaders",
    3: "responseTrailers",
    6: "httpCallHeaders",
    7: "httpCallTrailers",
}
_BODIES = {0: "requestBody", 1: "responseBody", 4: "httpCallBody", 8: "foreignFunctionArguments"}
_STREAMS = {0: "it.continueRequest();", 1: "it.continueResponse();"}
# What tests of bare hostcalls read from where the call before has written it.
_TOKEN = "(i32.load (i32.const 600))"
_CAS = "(i32.load (i32.const 28))"
_NEXT_CAS = f"(i32.add {_CAS} (i32.const 1))"
_KEPT_CAS = {_CAS: "it.kept.cas", _NEXT_CAS: "it.kept.cas + 1"}
# Return pointers within this are as good as any other.
_LOW = 1024
_WORD = 1 << 32


def known(table: Mapping[Any, str], key: object) -> str:
    """Return what stands in a table, or say that there are no words for it."""
    if key not in table:
        raise Untranslatable
    return table[key]


def _call(name: str) -> Callable[[Call], Call]:
    def enter(function: Call) -> Call:
        CALLS[name] = function
        return function

    return enter


def _ignored(pointers: tuple[Argument, ...]) -> None:
    """Return pointers are the SDK's own; those that are wrong on purpose cannot be said."""
    if not all(isinstance(each, int) and 0 < each < _LOW for each in pointers):
        raise Untranslatable


def signed(value: Argument) -> int:
    if not isinstance(value, int):
        raise Untranslatable
    return value


def unsigned(value: Argument) -> int:
    return signed(value) % _WORD


@_call("proxy_log")
def _log(level: int, message: Argument) -> str:
    return f"log.write(<LogLevel>{level}, {text(message)});"


@_call("proxy_get_log_level")
def _log_level(*pointers: Argument) -> str:
    _ignored(pointers)
    return "tell.integer(log.level());"


@_call("proxy_get_header_map_value")
def _get(kind: int, name: Argument) -> str:
    return f"tell.bytes({known(_MAPS, kind)}.getBytes({text(name)}));"


@_call("proxy_get_header_map_pairs")
def _get_pairs(kind: int) -> str:
    return f"tell.pairs({known(_MAPS, kind)}.pairs());"


@_call("proxy_get_header_map_size")
def _get_size(kind: int) -> str:
    return f"tell.integer({known(_MAPS, kind)}.size);"


@_call("proxy_add_header_map_value")
def _add(kind: int, name: Argument, value: Argument) -> str:
    return f"tell.flag({known(_MAPS, kind)}.addBytes({text(name)}, {data(value)}));"


@_call("proxy_replace_header_map_value")
def _replace(kind: int, name: Argument, value: Argument) -> str:
    return f"tell.flag({known(_MAPS, kind)}.replaceBytes({text(name)}, {data(value)}));"


@_call("proxy_remove_header_map_value")
def _remove(kind: int, name: Argument) -> str:
    return f"tell.flag({known(_MAPS, kind)}.remove({text(name)}));"


@_call("proxy_set_header_map_pairs")
def _set_pairs(kind: int, value: Argument) -> str:
    if value == b"":
        raise Untranslatable
    return f"tell.flag({known(_MAPS, kind)}.setPairs({pairs(value)}));"


@_call("proxy_get_buffer_bytes")
def _read(kind: int, start: Argument, size: Argument) -> str:
    return f"tell.bytes({known(_BODIES, kind)}.read({unsigned(start)}, {unsigned(size)}));"


@_call("proxy_get_buffer_status")
def _size(kind: int) -> str:
    return f"tell.integer({known(_BODIES, kind)}.size);"


@_call("proxy_set_buffer_bytes")
def _write(kind: int, start: Argument, size: Argument, value: Argument) -> str:
    written = f"{unsigned(start)}, {unsigned(size)}, {data(value)}"
    return f"tell.flag({known(_BODIES, kind)}.write({written}));"


@_call("proxy_get_property")
def _property(name: Argument) -> str:
    return f"tell.bytes(properties.getBytes({path(name)}));"


@_call("proxy_set_property")
def _set_property(name: Argument, value: Argument) -> str:
    return f"tell.flag(properties.setBytes({path(name)}, {data(value)}));"


@_call("proxy_send_local_response")
def _respond(
    code: Argument, details: Argument, body: Argument, headers: Argument, grpc: Argument
) -> str:
    return (
        f"const response = new LocalResponse({unsigned(code)});"
        f" response.details = {text(details)}; response.body = {data(body)};"
        f" response.headers = {pairs(headers)}; response.grpcStatus = {signed(grpc)};"
        " it.respond(response);"
    )


@_call("proxy_continue_stream")
def _continue(kind: int) -> str:
    return known(_STREAMS, kind)


@_call("proxy_close_stream")
def _close(kind: int) -> str:
    known(_STREAMS, kind)  # the SDK has one word for both
    return "it.reset();"


@_call("proxy_set_effective_context")
def _enter(number: int) -> str:
    return known({1: "it.enterPlugin();", 2: "it.enter(2);", 3: "it.enter(3);"}, number)


@_call("proxy_done")
def _done() -> str:
    return "tell.flag(it.plugin.done());"


@_call("proxy_get_current_time_nanoseconds")
def _time(*pointers: Argument) -> str:
    _ignored(pointers)
    return "tell.flag(time.now() > 0);"


@_call("proxy_set_tick_period_milliseconds")
def _tick(period: Argument) -> str:
    return f"tell.flag(time.tickEvery({unsigned(period)}));"


@_call("proxy_http_call")
def _http_call(
    to: Argument, headers: Argument, body: Argument, trailers: Argument, timeout: Argument
) -> str:
    return (
        f'const call = new HttpCall({text(to)}, "", "", "", {unsigned(timeout)});'
        f" call.headers = {pairs(headers)}; call.body = {data(body)};"
        f" call.trailers = {pairs(trailers)};"
        " tell.flag(call.send(it.plugin)); tell.integer(call.token);"
    )


@_call("proxy_get_status")
def _status() -> str:
    told = "tell.integer(failure.code); tell.text(failure.message);"
    return f"const failure = httpCallFailure()!; {told}"


@_call("proxy_get_shared_data")
def _shared(key: Argument, *pointers: Argument) -> str:
    _ignored(pointers)
    return f"it.kept.shared = sharedData.get({text(key)}); it.tellShared();"


@_call("proxy_set_shared_data")
def _set_shared(key: Argument, value: Argument, cas: Argument) -> str:
    if cas == 0:
        return f"tell.flag(sharedData.set({text(key)}, {data(value)}));"
    number = cas if isinstance(cas, int) else known(_KEPT_CAS, cas)
    return f"tell.flag(sharedData.compareAndSet({text(key)}, {data(value)}, {number}));"


@_call("proxy_register_shared_queue")
def _register(name: Argument, *pointers: Argument) -> str:
    _ignored(pointers)
    return f"it.kept.queue = Queue.register({text(name)}); tell.flag(it.kept.queue != null);"


@_call("proxy_resolve_shared_queue")
def _resolve(vm_id: Argument, name: Argument, *pointers: Argument) -> str:
    _ignored(pointers)
    resolved = (
        f"const found = Queue.resolve({text(vm_id)}, {text(name)}); tell.flag(found != null);"
    )
    return f"{resolved} it.kept.queue = found;" if pointers else resolved


@_call("proxy_enqueue_shared_queue")
def _enqueue(queue: Argument, message: Argument) -> str:
    return f"tell.flag({_queue(queue)}.enqueue({data(message)}));"


@_call("proxy_dequeue_shared_queue")
def _dequeue(queue: Argument, *pointers: Argument) -> str:
    _ignored(pointers)
    return f"tell.bytes({_queue(queue)}.dequeue());"


def _queue(number: Argument) -> str:
    return "it.kept.queue!" if number == _TOKEN else f"Queue.of({unsigned(number)})"


@_call("proxy_call_foreign_function")
def _foreign(name: Argument, value: Argument, *pointers: Argument) -> str:
    _ignored(pointers)
    return f"tell.bytes(callForeignFunction({text(name)}, {data(value)}));"
