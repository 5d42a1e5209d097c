"""WASI, as Envoy answers it."""

import struct

import pytest

from tests.host.conftest import Start
from tests.host.plugins import Statement, plugin
from tests.host.texts import texts
from wasmctl.abi.types import LogLevel
from wasmctl.abi.wasi import WASI_FUNCTIONS
from wasmctl.records import LogLine

_BY_FUNCTION = {
    **dict.fromkeys(("args_get", "args_sizes_get", "environ_get", "environ_sizes_get"), 0),
    **dict.fromkeys(("clock_time_get", "clock_res_get", "random_get"), 0),
    **dict.fromkeys(("poll_oneoff", "sched_yield", "fd_advise", "fd_close", "fd_seek"), 0),
    **dict.fromkeys(("fd_read", "fd_pread", "fd_fdstat_set_flags", "fd_prestat_dir_name"), 52),
    **dict.fromkeys(("fd_prestat_get", "fd_filestat_get"), 8),
    "fd_readdir": 20,
    "path_open": 44,
    **dict.fromkeys(("path_create_directory", "path_filestat_get", "path_filestat_set_times"), 58),
    **dict.fromkeys(("path_link", "path_readlink", "path_remove_directory", "path_rename"), 58),
    **dict.fromkeys(("path_symlink", "path_unlink_file"), 58),
    **dict.fromkeys(("sock_accept", "sock_recv", "sock_send", "sock_shutdown"), 58),
    # Descriptor 0 is not open.
    **dict.fromkeys(("fd_write", "fd_pwrite", "fd_fdstat_get", "fd_tell", "fd_renumber"), 8),
    **dict.fromkeys(("fd_allocate", "fd_datasync", "fd_sync", "fd_fdstat_set_rights"), 8),
    **dict.fromkeys(("fd_filestat_set_size", "fd_filestat_set_times"), 8),
}

_FOR_OUTPUTS = {
    **dict.fromkeys(("fd_write", "fd_pwrite", "fd_fdstat_get", "fd_tell"), 0),
    **dict.fromkeys(("fd_allocate", "fd_datasync", "fd_sync", "fd_fdstat_set_rights"), 0),
    **dict.fromkeys(("fd_filestat_set_size", "fd_filestat_set_times"), 0),
    "fd_renumber": 58,
}


def call(name: str, *arguments: int) -> Statement:
    rest = len(WASI_FUNCTIONS[name].parameters) - len(arguments)
    return (f"?{name}", *arguments, *(0,) * rest)


def test_all_but_the_exit_are_in_the_table() -> None:
    assert _BY_FUNCTION.keys() | {"proc_exit"} == WASI_FUNCTIONS.keys()


@pytest.mark.parametrize("name", _BY_FUNCTION)
def test_a_function_answers_as_envoys_does(start: Start, name: str) -> None:
    host = start(plugin({"configure": [call(name)]}))

    assert texts(host) == [f"{_BY_FUNCTION[name]:02}"]


@pytest.mark.parametrize("name", _FOR_OUTPUTS)
@pytest.mark.parametrize("descriptor", [1, 2])
def test_a_function_knows_standard_output_and_error(
    start: Start, name: str, descriptor: int
) -> None:
    descriptors = (descriptor, 2) if name == "fd_renumber" else (descriptor,)
    host = start(plugin({"configure": [call(name, *descriptors)]}))

    assert texts(host) == [f"{_FOR_OUTPUTS[name]:02}"]


@pytest.mark.parametrize("descriptors", [(1, 0), (0, 1), (3, 2)])
def test_renumbering_knows_both_descriptors(start: Start, descriptors: tuple[int, int]) -> None:
    host = start(plugin({"configure": [call("fd_renumber", *descriptors)]}))

    assert texts(host) == ["08"]


def test_exiting_goes_on(start: Start) -> None:
    calls: list[Statement] = ["(call $proc_exit (i32.const 0))", ("proxy_log", 2, b"on")]
    host = start(plugin({"configure": calls}))

    assert texts(host) == ["on"]


def vectors(*parts: bytes) -> tuple[str, int]:
    """Code that lays out the parts at 2048 and their vectors at 64; how many there are."""
    code, at = "", 2048
    for index, part in enumerate(parts):
        code += f"(i32.store offset={64 + 8 * index} (i32.const 0) (i32.const {at}))"
        code += f"(i32.store offset={68 + 8 * index} (i32.const 0) (i32.const {len(part)}))"
        for offset, byte in enumerate(part):
            code += f"(i32.store8 (i32.const {at + offset}) (i32.const {byte}))"
        at += len(part)
    return code, len(parts)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ((b"hello\n",), "hello"),
        ((b"a", b"", b"b\n\n"), "ab\n"),
        ((b"no newline",), "no newline"),
        ((b"\n",), ""),
    ],
)
def test_a_write_is_one_message_without_its_last_newline(
    start: Start, parts: tuple[bytes, ...], message: str
) -> None:
    code, count = vectors(*parts)
    host = start(plugin({"configure": [code, ("?fd_write", 1, 64, count, 16)]}))

    assert texts(host) == [message, "00"]


def test_an_empty_write_is_no_message(start: Start) -> None:
    host = start(plugin({"configure": [("?fd_write", 1, 64, 0, 16)]}))

    assert texts(host) == ["00"]


def test_a_write_tells_its_whole_length(start: Start) -> None:
    code, count = vectors(b"hello\n")
    tell = "(call $tell (i32.load (i32.const 16)))"
    host = start(plugin({"configure": [code, ("fd_write", 2, 64, count, 16), tell]}))

    assert host.logs[0] == LogLine(level=LogLevel.ERROR, text="hello")
    assert texts(host)[1:] == ["06"]


@pytest.mark.parametrize("arguments", [(1, -8, 1, 16), (1, 64, -1, 16), (1, 64, 0, -1)])
def test_a_bad_pointer_is_a_fault(start: Start, arguments: tuple[int, ...]) -> None:
    fill = "(i64.store (i32.const 64) (i64.const 0))"
    host = start(plugin({"configure": [fill, ("?fd_write", *arguments)]}))

    assert texts(host) == ["21"]


@pytest.mark.parametrize(("clock", "expected"), [(0, 1767225600 * 10**9), (1, 10**9)])
def test_clocks_stand_at_their_start_which_is_never_zero(
    start: Start, clock: int, expected: int
) -> None:
    log = "(drop (call $proxy_log (i32.const 2) (i32.const 16) (i32.const 8)))"
    host = start(plugin({"configure": [("?clock_time_get", clock, 0, 16), log]}))

    assert texts(host) == ["00", struct.pack("<Q", expected).decode(errors="replace")]


def test_a_clock_that_is_told_moves(start: Start) -> None:
    tell = "(call $tell (i32.load (i32.const 16)))"
    host = start(plugin({"configure": [], "done": [("clock_time_get", 1, 0, 16), tell]}))

    host.clock.advance(42)
    host.close()

    assert texts(host) == ["42"]


@pytest.mark.parametrize("clock", [2, 3, -1])
def test_other_clocks_are_not_there(start: Start, clock: int) -> None:
    host = start(plugin({"configure": [("?clock_time_get", clock, 0, 16)]}))

    assert texts(host) == ["58"]


@pytest.mark.parametrize(("size", "status"), [(0, "00"), (65536, "00"), (65537, "28")])
def test_random_bytes_have_a_limit(start: Start, size: int, status: str) -> None:
    host = start(plugin({"configure": [("?random_get", 2048, size)]}))

    assert texts(host) == [status]


def test_random_bytes_come_from_the_seed(start: Start) -> None:
    log = "(drop (call $proxy_log (i32.const 2) (i32.const 2048) (i32.const 8)))"
    draws = plugin({"configure": [("random_get", 2048, 8), log]})

    first, same, other = (texts(start(draws, seed=seed)) for seed in (1, 1, 2))

    assert first == same
    assert first != other


def test_the_environment_is_that_of_the_machine(start: Start) -> None:
    calls: list[Statement] = [
        ("?environ_sizes_get", 16, 20),
        "(call $tell (i32.load (i32.const 16))) (call $tell (i32.load (i32.const 20)))",
        ("?environ_get", 64, 2048),
        "(drop (call $proxy_log (i32.const 2) (i32.load (i32.const 68)) (i32.const 4)))",
    ]
    host = start(plugin({"configure": calls}), environment={"A": "1", "B": "2"})

    assert texts(host) == ["00", "02", "08", "00", "B=2\0"]
