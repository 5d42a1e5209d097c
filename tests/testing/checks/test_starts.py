from dataclasses import replace

import pytest

from tests.testing.checks.judging import judged
from wasmctl.records import Trap, TrapKind
from wasmctl.testing.observation import Observation

TRAP = Trap(kind=TrapKind.UNREACHABLE, callback="proxy_on_request_headers", message="…")
TRAPPED = Observation(configured=True, trap=TRAP)
PAUSED = Observation(configured=True, paused_at="proxy_on_request_headers", tick_period=100)
RUNNING = Observation(configured=True)
REASON = "Failed to load Wasm module due to a missing import: env.proxy_magic"
REFUSED = Observation(configured=False, load_error=REASON)


@pytest.mark.parametrize(
    "written",
    [
        "configured: false",
        "load_error: missing_import",
        "load_error: {contains: env.proxy_magic}",
        "load_error: {kind: missing_import, ends_with: magic}",
    ],
)
def test_why_a_plugin_does_not_start_can_be_expected(written: str) -> None:
    assert judged(written, REFUSED) == []


@pytest.mark.parametrize(
    ("written", "mismatch"),
    [
        (
            "load_error: wrong_signature",
            f'load_error: expected wrong_signature, saw missing_import ("{REASON}")',
        ),
        (
            "load_error: {contains: env.other}",
            f'load_error: expected a text with "env.other", saw "{REASON}"',
        ),
    ],
)
def test_another_reason_is_told(written: str, mismatch: str) -> None:
    assert judged(written, REFUSED) == [mismatch]


def test_a_plugin_that_starts_does_not_satisfy_a_load_error() -> None:
    assert judged("load_error: no_allocator", RUNNING) == ["configured: expected false, saw true"]


def test_a_trap_at_the_start_is_a_load_error() -> None:
    seen = replace(REFUSED, load_error="Function: proxy_on_configure failed: x", trap=TRAP)

    assert judged("load_error: trap", seen) == []


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("Failed to parse corrupted Wasm module", "corrupted"),
        ("Missing or unknown Proxy-Wasm ABI version", "unknown_abi"),
        ("Bad function signature for: proxy_on_tick, want: …", "wrong_signature"),
        (
            "Failed to load Wasm module due to an import type mismatch: env.proxy_log",
            "wrong_signature",
        ),
        ("Wasm module is missing malloc function.", "no_allocator"),
        ("Failed to configure base Wasm plugin", "refused"),
        ("Failed to start base Wasm", "refused"),
        ("something new", "other"),
    ],
)
def test_each_reason_has_a_word(reason: str, kind: str) -> None:
    assert judged(f"load_error: {kind}", replace(REFUSED, load_error=reason)) == []


@pytest.mark.parametrize(
    "written",
    [
        "trap: true",
        "trap: unreachable",
        "trap: {callback: request_headers}",
        "trap: {kind: unreachable, callback: request_headers}",
    ],
)
def test_a_trap_can_be_expected(written: str) -> None:
    assert judged(written, TRAPPED) == []


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("trap: false", "none"),
        ("trap: out_of_bounds", "out_of_bounds"),
        ("trap: {callback: log}", "a trap in proxy_on_log"),
        (
            "trap: {kind: unreachable, callback: request_body}",
            "unreachable in proxy_on_request_body",
        ),
    ],
)
def test_another_trap_is_told(written: str, expected: str) -> None:
    assert judged(written, TRAPPED) == [
        f"trap: expected {expected}, saw unreachable in proxy_on_request_headers"
    ]


@pytest.mark.parametrize("written", ["paused_at: request_headers", "paused_at: request"])
def test_where_a_stream_stopped_can_be_expected(written: str) -> None:
    assert judged(written, PAUSED) == []


def test_a_stream_that_never_stopped_can_be_expected() -> None:
    assert judged("paused_at: never", RUNNING) == []


@pytest.mark.parametrize(
    ("written", "seen", "mismatch"),
    [
        ("request_body", PAUSED, "request_body, saw request_headers"),
        ("response", PAUSED, "response, saw request_headers"),
        ("never", PAUSED, "never, saw request_headers"),
        ("request", RUNNING, "request, saw never"),
    ],
)
def test_another_place_is_told(written: str, seen: Observation, mismatch: str) -> None:
    assert judged(f"paused_at: {written}", seen) == [f"paused_at: expected {mismatch}"]


def test_a_tick_period_is_judged() -> None:
    assert judged("tick_period: 100", PAUSED) == []
    assert judged("tick_period: 0", PAUSED) == ["tick_period: expected 0, saw 100"]
