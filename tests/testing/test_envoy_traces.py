import pytest

from tests.host.plugins import OUT, UNREACHABLE, plugin
from wasmctl import messages
from wasmctl.host import Host, envoy_lines, timeline
from wasmctl.testing import envoy_traces

PATH = ("proxy_get_header_map_value", 0, b":path", *OUT)
TRAPPING = '(func (export "malloc") (param i32) (result i32) (unreachable))'
MODULES = {
    "calls": plugin(
        {
            "vm_start": [],
            "request_headers": [PATH, ("proxy_get_header_map_value", 0, b"none", *OUT)],
            "log": [("proxy_log", 2, b"text")],
        }
    ),
    "a trap": plugin({"request_headers": [PATH, UNREACHABLE]}),
    "a trap in the allocator": plugin({"request_headers": [PATH, PATH]}, allocator=TRAPPING),
}


def lines(module: bytes) -> tuple[str, ...]:
    with Host.start(module, name="mine", trace=True) as host:
        host.http(messages.request("/cart"))
        host.http(messages.request("/"))
    return envoy_lines(host.trace)


@pytest.mark.parametrize("module", MODULES.values(), ids=MODULES)
def test_what_is_read_has_the_lines_it_was_read_from(module: bytes) -> None:
    written = lines(module)

    assert envoy_lines(envoy_traces.records(written, "mine")) == written


def test_what_is_read_can_be_told_as_a_timeline() -> None:
    told = timeline(envoy_traces.records(lines(MODULES["calls"]), "mine"))

    assert told[:5] == (
        "mine: proxy_on_vm_start(vm_configuration_size 0) → true",
        "mine, stream 2: proxy_on_request_headers(num_headers 5, end_of_stream true) → CONTINUE",
        "  proxy_get_header_map_value(HTTP_REQUEST_HEADERS, 5 bytes)",
        "  proxy_get_header_map_value(HTTP_REQUEST_HEADERS, 4 bytes) → NOT_FOUND: there is none",
        "mine, stream 2: proxy_on_log()",
    )


def test_other_lines_are_passed_over() -> None:
    assert envoy_traces.records(["wasm log: hello", "[vm<-host] env.proxy_log return: 0"], "") == ()


def test_a_number_that_means_nothing_is_explained() -> None:
    module = plugin({"request_headers": [("proxy_log", 9, b"text")]})

    told = timeline(envoy_traces.records(lines(module), "mine"))

    assert told[1].startswith("  proxy_log(9, 4 bytes) → BAD_ARGUMENT: level 9 is no LogLevel: ")
