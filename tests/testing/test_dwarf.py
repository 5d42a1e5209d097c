"""The modules were made by rustc 1.95 from one source, with both forms of the line table.

``proxy_on_request_headers`` (line 40) calls ``refuse``, which aborts in a match of line 32.
"""

from pathlib import Path

import pytest
import wasmtime

from wasmctl.testing import dwarf

HERE = Path(__file__).parent
MODULES = {"dwarf4": "plugin.rs", "dwarf5": "src/plugin.rs"}


def offsets(content: bytes) -> list[int]:
    store = wasmtime.Store()
    instance = wasmtime.Instance(store, wasmtime.Module(store.engine, content), [])
    callback = instance.exports(store)["proxy_on_request_headers"]
    assert isinstance(callback, wasmtime.Func)
    with pytest.raises(wasmtime.Trap) as caught:
        callback(store, 1, 2, 3)
    return [frame.module_offset for frame in caught.value.frames]


@pytest.mark.parametrize(("name", "source"), MODULES.items())
def test_the_frames_of_a_trap_have_their_source_lines(name: str, source: str) -> None:
    content = (HERE / f"{name}.wasm").read_bytes()

    found = dwarf.lines(content)

    assert [found.at(offset) for offset in offsets(content)] == [f"{source}:32", f"{source}:40"]


@pytest.mark.parametrize("name", MODULES)
def test_what_is_outside_of_all_functions_has_no_line(name: str) -> None:
    found = dwarf.lines((HERE / f"{name}.wasm").read_bytes())

    assert [found.at(offset) for offset in (0, 8, 1 << 20)] == [None, None, None]


def test_a_module_without_a_table_has_no_lines() -> None:
    found = dwarf.lines(bytes(wasmtime.wat2wasm("(module)")))

    assert found.at(8) is None


@pytest.mark.parametrize("name", MODULES)
def test_a_damaged_table_is_no_error(name: str) -> None:
    content = (HERE / f"{name}.wasm").read_bytes()
    start = content.index(b".debug_line")

    for at in range(start, len(content)):
        damaged = content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]
        dwarf.lines(damaged)

    assert dwarf.lines(content[:start]).rows == ()
