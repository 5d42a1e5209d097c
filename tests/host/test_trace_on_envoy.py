"""The lines of a traced host against those of a real Envoy, raw pointers included."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.host import worker
from tests.host.plugins import OUT, UNREACHABLE, VALUE, Statement, plugin
from tests.host.worker import Worker
from wasmctl import messages, scaffold
from wasmctl.abi.types import AbiVersion
from wasmctl.host import Host, envoy_lines
from wasmctl.plugin import Plugin, parse

REQUEST = messages.request(
    "/cart?x=1", method="POST", chunks=(b"hello", b"world"), headers=((b"x-client", b"one"),)
)
REPLY = messages.response(
    200, headers=((b"date", b"Thu, 01 Jan 2026 00:00:00 GMT"),), chunks=(b"found",)
)
PATH = ("proxy_get_header_map_value", 0, b":path", *OUT)
CONSTANT = "(i32.const {})"
MALLOC = '(func (export "malloc") (param i32) (result i32) {})'
CLOCK = "wasi_snapshot_preview1.clock_time_get"


def calls(statements: list[Statement], allocator: str | None = None) -> bytes:
    callbacks = {"request_headers": statements}
    return plugin(callbacks, allocator=allocator) if allocator else plugin(callbacks)


MODULES = {
    "values": calls([PATH, VALUE, ("proxy_get_header_map_pairs", 0, *OUT), VALUE]),
    "refusals": calls(
        [
            ("proxy_get_header_map_value", 9, b":path", *OUT),
            ("proxy_get_header_map_value", 2, b":path", *OUT),
            ("proxy_get_header_map_value", 0, b"none", *OUT),
            ("proxy_get_header_map_value", 0, -1, 7, *OUT),
            ("proxy_get_header_map_value", 0, b":path", -1, -4),
            ("proxy_log", 6, b"none"),
        ]
    ),
    "long numbers": calls(
        [
            ("proxy_define_metric", 0, b"count", 16),
            ("proxy_increment_metric", 99, -1),
            ("proxy_record_metric", 99, 1 << 40),
        ]
    ),
    "wasi": plugin(
        {
            "_start": [("fd_write", 1, 64, 1, 16), ("args_sizes_get", *OUT)],
            "request_headers": ["(call $proc_exit (i32.const 3))", ("fd_write", 9, 64, 1, 16)],
        },
        extra='(data (i32.const 64) "\\60\\00\\00\\00\\04") (data (i32.const 96) "text")',
    ),
    "initialize and main": plugin(
        {"_initialize": [("proxy_log", 2, b"begin")], "main": [("proxy_log", 2, b"main")]}
    ),
    "every callback": plugin(
        {
            **{name: [] for name in ("context_create", "vm_start", "configure", "request_body")},
            **{name: [] for name in ("log", "done", "delete")},
            "response_headers": [("proxy_get_header_map_value", 2, b":status", *OUT)],
            "response_body": [("proxy_get_buffer_bytes", 1, 0, 100, *OUT)],
        }
    ),
    "an older version": plugin(
        {"request_headers": [PATH], "response_headers": []}, abi=AbiVersion.V0_1_0
    ),
    "a trap": calls([PATH, UNREACHABLE]),
    "a trap in the allocator": calls([PATH, PATH], allocator=MALLOC.format(UNREACHABLE)),
    "no memory": calls([PATH, PATH], allocator=MALLOC.format(CONSTANT.format(0))),
    "a call in the allocator": calls(
        [PATH],
        allocator=MALLOC.format(
            "(drop (call $proxy_log (i32.const 2) (i32.const 0) (i32.const 4))) (i32.const 4096)"
        ),
    ),
    "a call that is not allowed there": calls(
        [PATH, PATH],
        allocator=MALLOC.format("(drop (call $proxy_done)) (i32.const 4096)"),
    ),
    "another allocator": calls(
        [PATH],
        allocator='(func (export "proxy_on_memory_allocate") (param i32) (result i32)'
        " (i32.const 4096))",
    ),
    "an answer of its own": calls(
        [("proxy_send_local_response", 403, b"", b"no", 0, 0, -1), PATH],
    ),
}


@pytest.fixture(scope="module")
def envoy() -> Iterator[Worker]:
    with worker.started() as found:
        yield found


def ours(module: Plugin, configuration: bytes) -> tuple[str, ...]:
    with Host.start(module, configuration=configuration, trace=True) as host:
        host.http(REQUEST, REPLY)
    return envoy_lines(host.trace)


@pytest.mark.parametrize("module", MODULES.values(), ids=MODULES)
def test_a_small_plugin_has_envoys_lines(module: bytes, envoy: Worker) -> None:
    opened = parse(module)

    expected = ours(opened, b"configuration")

    theirs = envoy.lines(opened, b"configuration", (REQUEST, REPLY), expected)

    assert theirs == expected


@pytest.mark.parametrize("name", ["http-headers", "minimal"])
def test_a_plugin_in_assemblyscript_has_envoys_lines(
    name: str, built: Callable[[scaffold.Template], Path], envoy: Worker
) -> None:
    opened = parse(_module(built(scaffold.find("assemblyscript", name))))

    expected = ours(opened, b"{}")

    theirs = envoy.lines(opened, b"{}", (REQUEST, REPLY), expected)

    assert theirs == expected


def test_a_plugin_in_go_has_envoys_lines_but_for_its_looks_at_the_clock(
    built: Callable[[scaffold.Template], Path], envoy: Worker
) -> None:
    opened = parse(_module(built(scaffold.find("go", "http-headers"))))

    expected = ours(opened, b"{}")

    theirs = envoy.lines(opened, b"{}", (REQUEST, REPLY), expected)

    # Go's runtime looks at the clock as often as time passes, on one Envoy more than on the next.
    assert _timeless(theirs) == _timeless(expected)
    assert len(_timeless(theirs)) > 50


def _module(project: Path) -> bytes:
    return (project / "dist" / "demo.wasm").read_bytes()


def _timeless(lines: tuple[str, ...]) -> list[str]:
    return [line for line in lines if CLOCK not in line]
