"""Plugins and projects as small as they can be, for tests of images."""

import hashlib
from pathlib import Path

import wasmtime

from wasmctl import oci, project
from wasmctl.oci.access import Access
from wasmctl.oci.image import Image

HTTP = Access(plain_http=True)

_PLUGIN = """
(module
  (memory (export "memory") 1)
  (data (i32.const 0) "{text}")
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "proxy_on_memory_allocate") (param i32) (result i32) i32.const 0))
"""

_PROJECT_FILE = """
schema = 1
[project]
name = "edge-auth"
version = "1.2.3"
language = "assemblyscript"
license = "Apache-2.0"
[image]
annotations = {{ {annotations} }}
"""


def plugin_bytes(text: str = "hello", *, padding: int = 0) -> bytes:
    """Compile a plugin that holds a text; ``padding`` bytes that no compression shrinks follow."""
    module = bytes(wasmtime.wat2wasm(_PLUGIN.format(text=text)))
    return module + _custom_section(_noise(text, padding)) if padding else module


def _noise(text: str, size: int) -> bytes:
    return hashlib.shake_256(text.encode()).digest(size)


def _custom_section(content: bytes) -> bytes:
    body = b"\x04junk" + content
    return b"\0" + _unsigned(len(body)) + body


def _unsigned(number: int) -> bytes:
    """Return a number as WebAssembly writes it (LEB128)."""
    low, rest = number & 0x7F, number >> 7
    return bytes([low | 0x80]) + _unsigned(rest) if rest else bytes([low])


def write_project(folder: Path, *, module: bytes | None = None, annotations: str = "") -> Path:
    """Write a project whose module is built."""
    (folder / "dist").mkdir(parents=True)
    (folder / "wasmctl.toml").write_text(_PROJECT_FILE.format(annotations=annotations))
    (folder / "dist" / "edge-auth.wasm").write_bytes(module or plugin_bytes())
    return folder


def image_of(folder: Path, text: str = "hello", *, padding: int = 0) -> Image:
    """Make the image of a new project in ``folder``."""
    module = plugin_bytes(text, padding=padding)
    return oci.make(project.load(write_project(folder, module=module)))
