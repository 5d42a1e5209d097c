import pytest

from wasmctl.abi.types import LogLevel
from wasmctl.envoy import trace
from wasmctl.envoy.logs import Entry


def _entries(*texts: str) -> list[Entry]:
    return [Entry(level=LogLevel.TRACE, component="wasm", thread=7, text=text) for text in texts]


def test_the_last_callback_is_the_one_that_began_last() -> None:
    entries = _entries(
        "[host->vm] proxy_on_request_headers(2, 6, 1)",
        "[host->vm] malloc(7)",
        "[vm->host] env.proxy_log(2, 3, 4)",
    )

    assert trace.last_callback(entries) == "proxy_on_request_headers"
    assert trace.last_callback(entries[1:]) is None


def flow(*texts: str) -> trace.Flow:
    return trace.flow(_entries(*texts))


_PAUSED = (
    "[host->vm] proxy_on_context_create(2, 1)",
    "[host<-vm] proxy_on_context_create return: void",
    "[host->vm] proxy_on_request_headers(2, 5, 1)",
    "[host<-vm] proxy_on_request_headers return: 1",
)


def test_a_stream_is_stopped_where_its_last_callback_said_so() -> None:
    found = flow(*_PAUSED)

    assert found.order == (2,)
    assert found.stopped == {2: "proxy_on_request_headers"}


@pytest.mark.parametrize(
    "later",
    [
        (
            "[host->vm] proxy_on_http_call_response(1, 4, 3, 0, 0)",
            "[vm->host] env.proxy_set_effective_context(2)",
            "[vm<-host] env.proxy_set_effective_context return: 0",
            "[vm->host] env.proxy_continue_stream(0)",
        ),
        ("[host->vm] proxy_on_delete(2)", "[host<-vm] proxy_on_delete return: void"),
        (
            "[host->vm] proxy_on_request_body(2, 3, 1)",
            "[host<-vm] proxy_on_request_body return: 0",
        ),
    ],
)
def test_a_stream_is_stopped_no_more_once_it_went_on(later: tuple[str, ...]) -> None:
    assert flow(*_PAUSED, *later).stopped == {}


def test_what_was_done_to_another_stream_does_not_count() -> None:
    other = ("[host->vm] proxy_on_http_call_response(1, 4, 3, 0, 0)",)

    found = flow(*_PAUSED, *other, "[vm->host] env.proxy_continue_stream(0)")

    assert found.stopped == {2: "proxy_on_request_headers"}


def test_callouts_and_ticks_count_where_the_host_took_them() -> None:
    found = flow(
        "[vm->host] env.proxy_set_tick_period_milliseconds(250)",
        "[vm<-host] env.proxy_set_tick_period_milliseconds return: 0",
        "[vm->host] env.proxy_http_call(1, 2)",
        "[vm<-host] env.proxy_http_call return: 2",
        "[vm->host] env.proxy_http_call(1, 2)",
        "[vm<-host] env.proxy_http_call return: 0",
    )

    assert (found.tick_period, found.callouts, found.is_promised) == (250, 1, True)
    assert found.hostcalls["proxy_http_call"] == 2


def test_a_trap_leaves_callbacks_behind_that_never_return() -> None:
    found = flow(
        "[host->vm] proxy_on_request_headers(2, 5, 1)",
        "[host->vm] proxy_on_request_headers(3, 5, 1)",
        "[host<-vm] proxy_on_request_headers return: 1",
    )

    assert found.stopped == {3: "proxy_on_request_headers"}
