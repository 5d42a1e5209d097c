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


@pytest.mark.parametrize(
    ("texts", "name"),
    [
        ([], None),
        (["[host<-vm] proxy_on_request_headers return: 0"], None),
        (["[host<-vm] proxy_on_request_headers return: 1"], "proxy_on_request_headers"),
        (
            [
                "[host<-vm] proxy_on_request_headers return: 0",
                "[host<-vm] proxy_on_request_body return: 3",
                "[host<-vm] malloc return: 4096",
            ],
            "proxy_on_request_body",
        ),
        (
            [
                "[host<-vm] proxy_on_request_body return: 1",
                "[host<-vm] proxy_on_request_body return: 0",
            ],
            None,
        ),
        (
            [
                "[vm->host] env.proxy_http_call(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)",
                "[host<-vm] proxy_on_request_headers return: 1",
            ],
            None,
        ),
    ],
)
def test_a_stream_is_stopped_where_its_last_callback_stopped_it(
    texts: list[str], name: str | None
) -> None:
    assert trace.paused_at(_entries(*texts)) == name
