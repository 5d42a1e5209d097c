"""Modules read from their bytes, sound ones and others."""

import contextlib
from pathlib import Path

import pytest
import wasmtime
from hypothesis import given
from hypothesis import strategies as st

from wasmctl import module
from wasmctl.abi.signature import Signature
from wasmctl.errors import FilesError, NotAPluginError
from wasmctl.module import Export, Import

_TEXT = """(module
  (import "env" "proxy_log" (func $log (param i32 i32 i32) (result i32)))
  (import "env" "memory" (memory 1 2))
  (import "env" "table" (table 1 funcref))
  (import "env" "global" (global (mut i64)))
  (import "env" "vectors" (func (param v128)))
  (func $f (export "f") (param i64 f32) (result f64) (f64.const 0))
  (export "log" (func $log))
  (export "memory" (memory 0))
  (global (export "g") i32 (i32.const 1))
  (tag (export "t") (param i32))
  (func $begin) (start $begin)
  (data (i32.const 0) "text"))"""
WASM = bytes(wasmtime.wat2wasm(_TEXT))


def custom(name: bytes, content: bytes) -> bytes:
    body = bytes([len(name)]) + name + content
    return b"\0" + bytes([len(body)]) + body


def test_imports_are_read_with_kinds_and_signatures() -> None:
    assert module.parse(WASM).imports == (
        Import(module="env", name="proxy_log", kind="function", signature=Signature.parse("iii:i")),
        Import(module="env", name="memory", kind="memory"),
        Import(module="env", name="table", kind="table"),
        Import(module="env", name="global", kind="global"),
        Import(module="env", name="vectors", kind="function", signature=None),
    )


def test_exports_are_read_with_kinds_and_signatures() -> None:
    assert module.parse(WASM).exports == (
        Export(name="f", kind="function", signature=Signature.parse("If:F")),
        Export(name="log", kind="function", signature=Signature.parse("iii:i")),
        Export(name="memory", kind="memory"),
        Export(name="g", kind="global"),
        Export(name="t", kind="tag"),
    )


def test_an_export_is_found_by_its_name() -> None:
    read = module.parse(WASM)

    assert read.export("g") == Export(name="g", kind="global")
    assert read.export("h") is None


def test_size_digest_and_start_are_told() -> None:
    read = module.parse(WASM)

    assert read.size == len(WASM)
    assert read.digest.startswith("sha256:")
    assert len(read.digest) == 71
    assert read.has_start
    assert not module.parse(WASM[:8]).has_start


def test_sections_are_named_and_measured() -> None:
    read = module.parse(WASM[:8] + custom(b"notes", b"abc"))

    assert [(section.name, section.size) for section in read.sections] == [("notes", 9)]


def test_producers_are_told_as_the_tools_wrote_them() -> None:
    fields = b"\2\x08language\1\4Rust\0\x0cprocessed-by\1\5rustc\x061.90.0"

    assert module.parse(WASM[:8] + custom(b"producers", fields)).producers == (
        "Rust",
        "rustc 1.90.0",
    )


_REFUSED = {
    "nothing": (b"", "not a WebAssembly module"),
    "text": (b"(module)", "not a WebAssembly module"),
    "a component": (b"\0asm\x0d\0\1\0", "a WebAssembly component"),
    "another version": (b"\0asm\2\0\0\0", "WebAssembly version 02 00 00 00 is not known"),
    "a preamble cut short": (b"\0asm\1\0", "WebAssembly version 01 00 is not known"),
    "an unknown section": (WASM[:8] + b"\x63\0", "malformed WebAssembly: section 99"),
    "a section cut short": (WASM[:8] + b"\1\5\1", "malformed WebAssembly: 5 bytes are promised"),
    "a name that is no UTF-8": (WASM[:8] + b"\0\2\1\xff", "malformed WebAssembly: "),
    "a type that is none": (WASM[:8] + b"\1\4\1\x5d\0\0", "malformed WebAssembly: type form 0x5d"),
    "a function without a type": (
        WASM[:8] + b"\3\2\1\0" + b"\7\5\1\1f\0\0",
        "malformed WebAssembly: ",
    ),
    "an unknown kind": (WASM[:8] + b"\7\5\1\1f\x09\0", "malformed WebAssembly: import or export"),
}


@pytest.mark.parametrize(("content", "message"), _REFUSED.values(), ids=_REFUSED.keys())
def test_what_is_no_module_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(NotAPluginError) as refused:
        module.parse(content)

    assert refused.value.message.startswith(message)
    assert "\n" not in refused.value.message
    assert refused.value.hint


@given(st.lists(st.tuples(st.integers(0, len(WASM) - 1), st.integers(0, 255)), max_size=6))
def test_changed_bytes_are_read_or_refused(changes: list[tuple[int, int]]) -> None:
    content = bytearray(WASM)
    for at, byte in changes:
        content[at] = byte

    _read_or_refuse(bytes(content))


@given(st.integers(0, len(WASM)))
def test_bytes_that_are_cut_are_read_or_refused(size: int) -> None:
    _read_or_refuse(WASM[:size])


@given(st.binary(max_size=64))
def test_any_sections_are_read_or_refused(content: bytes) -> None:
    _read_or_refuse(WASM[:8] + content)


def _read_or_refuse(content: bytes) -> None:
    with contextlib.suppress(NotAPluginError):
        assert module.parse(content).size == len(content)


def test_a_file_is_named_in_what_is_wrong_with_it(tmp_path: Path) -> None:
    path = tmp_path / "text.wasm"
    path.write_text("(module)")

    with pytest.raises(NotAPluginError, match=r"text\.wasm: not a WebAssembly module"):
        module.open_module(path)


def test_a_missing_file_is_a_files_error(tmp_path: Path) -> None:
    with pytest.raises(FilesError):
        module.open_module(tmp_path / "absent.wasm")


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "module.wasm"
    path.write_bytes(WASM)

    assert module.open_module(path) == module.parse(WASM)


def test_types_that_are_no_function_s_are_passed_over() -> None:
    text = """(module
      (type $pair (struct (field i8) (field (mut (ref null 0)))))
      (type $many (sub (array (mut (ref $pair)))))
      (rec (type $a (sub final $many (array (mut (ref $pair))))) (type $b (func (param (ref $a)))))
      (type $last (func (param i32) (result i64)))
      (import "env" "g" (global (ref null $pair)))
      (import "env" "t" (table 1 (ref null $b)))
      (func (export "f") (type $last) (i64.const 0))
      (func (export "r") (type $b)))"""

    read = module.parse(bytes(wasmtime.wat2wasm(text)))

    assert [str(export.signature) for export in read.exports] == ["(i32) -> (i64)", "None"]
    assert [each.kind for each in read.imports] == ["global", "table"]
