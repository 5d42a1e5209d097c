from pathlib import Path

from wasmctl.abi.types import LogLevel
from wasmctl.records import LogLine, Trap, TrapKind
from wasmctl.testing import evidence
from wasmctl.testing.observation import Observation

MODULE = (Path(__file__).parent / "dwarf5.wasm").read_bytes()
TRAP = Trap(
    kind=TrapKind.UNREACHABLE,
    callback="proxy_on_request_headers",
    message="unreachable",
    backtrace=("_RNvCslpYsK7Ve7lm_6plugin6refuse", "proxy_on_request_headers", "start"),
    offsets=(0xB9, 0xD0, 0),
)
TRAPPED = Observation(configured=True, trap=TRAP)


def logged(number: int) -> Observation:
    lines = tuple(LogLine(level=LogLevel.INFO, text=str(index)) for index in range(number))
    return Observation(configured=True, logs=lines)


def test_a_trap_has_its_frames_with_names_and_source_lines() -> None:
    assert evidence.of(TRAPPED, [MODULE, MODULE]) == (
        "trap: unreachable",
        "  at plugin::refuse (src/plugin.rs:32)",
        "  at proxy_on_request_headers (src/plugin.rs:40)",
        "  at start",
    )


def test_where_several_modules_run_nobody_knows_whose_frames_they_are() -> None:
    assert evidence.of(TRAPPED, [MODULE, b"other"])[1] == "  at plugin::refuse"


def test_the_last_lines_of_the_log_are_shown() -> None:
    shown = evidence.of(logged(22))

    assert (shown[0], shown[1], shown[-1]) == (
        "log: 2 earlier lines",
        'log: info "2"',
        'log: info "21"',
    )


def test_why_a_plugin_did_not_start_and_where_a_stream_stopped_are_shown() -> None:
    seen = Observation(configured=False, load_error="it said no", paused_at="proxy_on_log")

    assert evidence.of(seen) == (
        "did not start: it said no",
        "paused in proxy_on_log, and nothing was left that could resume",
    )
