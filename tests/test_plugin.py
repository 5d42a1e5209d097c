"""What makes a module a plugin."""

import contextlib
from pathlib import Path

import pytest
import wasmtime
from hypothesis import given
from hypothesis import strategies as st

from wasmctl import module, plugin
from wasmctl.abi.types import AbiVersion
from wasmctl.errors import NotAPluginError

MALLOC = '(func (export "malloc") (param i32) (result i32) (i32.const 8))'
MARKER = '(func (export "proxy_abi_version_0_2_1"))'


def wasm(*parts: str) -> bytes:
    return bytes(wasmtime.wat2wasm(f"(module {' '.join(parts)})"))


GOOD = wasm('(import "env" "proxy_done" (func (result i32)))', MARKER, MALLOC)


@pytest.mark.parametrize("version", list(AbiVersion))
def test_each_marker_declares_its_version(version: AbiVersion) -> None:
    found = plugin.parse(wasm(f'(func (export "{version.marker}"))', MALLOC))

    assert found.abi_version is version


def test_the_marker_that_is_exported_first_counts() -> None:
    older = '(func (export "proxy_abi_version_0_1_0"))'

    assert plugin.parse(wasm(older, MARKER, MALLOC)).abi_version is AbiVersion.V0_1_0
    assert plugin.parse(wasm(MARKER, older, MALLOC)).abi_version is AbiVersion.V0_2_1


def test_a_plugin_keeps_its_bytes_and_their_digest() -> None:
    found = plugin.parse(GOOD)

    assert found.content == GOOD
    assert found.digest == module.parse(GOOD).digest


def test_the_specifications_allocator_is_one() -> None:
    other = MALLOC.replace("malloc", "proxy_on_memory_allocate")

    assert plugin.parse(wasm(MARKER, other)).module.export("proxy_on_memory_allocate")


_REFUSED = {
    "no marker": (wasm(MALLOC), "no Proxy-Wasm ABI marker among its exports"),
    "an unknown marker": (
        wasm('(func (export "proxy_abi_version_0_3_0"))', MALLOC),
        "unknown ABI marker proxy_abi_version_0_3_0",
    ),
    "no allocator": (
        wasm(MARKER),
        "no allocator: it exports neither malloc nor proxy_on_memory_allocate",
    ),
    "an import nobody offers": (
        wasm('(import "env" "foo" (func))', MARKER, MALLOC),
        "it imports env.foo, which no host offers to ABI 0.2.1",
    ),
    "a module nobody offers": (
        wasm('(import "other" "proxy_done" (func (result i32)))', MARKER, MALLOC),
        "it imports other.proxy_done, which no host offers to ABI 0.2.1",
    ),
    "an import of another version": (
        wasm(
            '(import "env" "proxy_get_log_level" (func (param i32) (result i32)))',
            MARKER.replace("0_2_1", "0_2_0"),
            MALLOC,
        ),
        "it imports env.proxy_get_log_level, which no host offers to ABI 0.2.0",
    ),
    "an import of another type": (
        wasm('(import "env" "proxy_done" (func))', MARKER, MALLOC),
        "it imports env.proxy_done as () -> (), but hosts offer () -> (i32)",
    ),
    "a global": (
        wasm('(import "env" "proxy_done" (global i32))', MARKER, MALLOC),
        "it imports env.proxy_done, which no host offers to ABI 0.2.1",
    ),
}


@pytest.mark.parametrize(("content", "message"), _REFUSED.values(), ids=_REFUSED.keys())
def test_what_no_host_loads_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(NotAPluginError) as refused:
        plugin.parse(content)

    assert refused.value.message == message
    assert refused.value.hint


@pytest.mark.parametrize("name", ["wasi_snapshot_preview1", "wasi_unstable"])
def test_wasi_is_offered_under_both_names(name: str) -> None:
    imported = f'(import "{name}" "fd_close" (func (param i32) (result i32)))'

    assert plugin.parse(wasm(imported, MARKER, MALLOC)).module.imports[0].module == name


def test_memories_and_tables_may_be_imported() -> None:
    imports = '(import "env" "memory" (memory 1)) (import "env" "table" (table 1 funcref))'

    found = plugin.parse(wasm(imports, MARKER, MALLOC))

    assert [entry.kind for entry in found.module.imports] == ["memory", "table"]


@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), max_size=4))
def test_changed_bytes_are_a_plugin_or_none(changes: list[tuple[int, int]]) -> None:
    content = bytearray(GOOD)
    for at, byte in changes:
        content[at] = byte

    with contextlib.suppress(NotAPluginError):
        assert plugin.parse(bytes(content)).abi_version in AbiVersion


def test_a_file_is_named_in_what_is_wrong_with_it(tmp_path: Path) -> None:
    path = tmp_path / "bare.wasm"
    path.write_bytes(wasm(MALLOC))

    with pytest.raises(NotAPluginError, match=r"bare\.wasm: no Proxy-Wasm ABI marker"):
        plugin.open_plugin(path)


def test_a_plugin_in_a_file_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "good.wasm"
    path.write_bytes(GOOD)

    assert plugin.open_plugin(path) == plugin.parse(GOOD)


@pytest.mark.parametrize("content", [b"", b"\0asm\1\0\0\0\xff", b"\0asm\1\0\0\0"])
def test_bytes_that_are_no_plugin_can_be_taken_for_one(content: bytes) -> None:
    taken = plugin.unchecked(content)

    assert not taken.is_checked
    assert taken.module.size == len(content)
    assert taken.digest.startswith("sha256:")


def test_a_plugin_that_is_right_is_checked_all_the_same() -> None:
    marker = '(func (export "proxy_abi_version_0_2_1"))'
    allocator = '(func (export "malloc") (param i32) (result i32) (i32.const 0))'
    content = bytes(wasmtime.wat2wasm(f"(module {marker} {allocator})"))

    assert plugin.unchecked(content) == plugin.parse(content)
