import pytest

from wasmctl.envoy import hazards, logs

_IN_REQUEST = "[host->vm] proxy_on_request_headers(2, 1, 1)"
_IN_RESPONSE = "[host->vm] proxy_on_response_headers(2, 1, 1)"


def entries(*texts: str) -> tuple[logs.Entry, ...]:
    found = (logs.entry(f"trace|wasm|1|{text}") for text in texts)
    return tuple(entry for entry in found if entry)


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (
            [
                _IN_REQUEST,
                "[vm->host] env.proxy_continue_stream(1)",
            ],
            "before there is a response",
        ),
        (
            ["[host->vm] proxy_on_log(2)", "[vm->host] env.proxy_send_local_response(200, 0, 0)"],
            "from proxy_on_log",
        ),
        (
            ["[host->vm] proxy_on_done(2)", "[vm->host] env.proxy_send_local_response(200, 0, 0)"],
            "proxy_on_done or",
        ),
        (
            ["[host->vm] proxy_on_context_create(2, 1)", "[vm->host] env.proxy_continue_stream(1)"],
            "before there is a response",
        ),
        (
            [
                "[host->vm] proxy_on_http_call_response(1, 4, 1, 1, 0)",
                "[vm->host] env.proxy_get_buffer_bytes(0, 0, 9, 64, 68)",
            ],
            "StopIterationAndBuffer",
        ),
        (
            ["[host->vm] proxy_on_tick(1)", "[vm->host] env.proxy_grpc_call(0, 0, 0, 0)"],
            "empty gRPC service",
        ),
        (["[vm->host] env.proxy_log(2, 128, 4)"], "start section"),
        ([_IN_RESPONSE, "[vm->host] env.proxy_continue_stream(1)"], "goes twice"),
        (["[host->vm] proxy_on_log(2)", "[vm->host] env.proxy_close_stream(0)"], "over by then"),
    ],
)
def test_a_known_mistake_is_told_from_the_last_hostcall(texts: list[str], said: str) -> None:
    assert said in (hazards.known(entries(*texts)) or "")


@pytest.mark.parametrize(
    "texts",
    [
        [],
        [_IN_REQUEST, "[vm->host] env.proxy_continue_stream(0)"],
        [_IN_RESPONSE, "[vm->host] env.proxy_close_stream(1)"],
        ["[host->vm] proxy_on_log(2)", "[vm->host] env.proxy_log(2, 128, 4)"],
    ],
)
def test_other_hostcalls_are_not_suspected(texts: list[str]) -> None:
    assert hazards.known(entries(*texts)) is None
