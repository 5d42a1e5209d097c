"""Plugins and projects as small as they can be, for tests of images."""

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


def plugin_bytes(text: str = "hello") -> bytes:
    """Compile a plugin that holds a text."""
    return bytes(wasmtime.wat2wasm(_PLUGIN.format(text=text)))


def write_project(folder: Path, *, module: bytes | None = None, annotations: str = "") -> Path:
    """Write a project whose module is built."""
    (folder / "dist").mkdir(parents=True)
    (folder / "wasmctl.toml").write_text(_PROJECT_FILE.format(annotations=annotations))
    (folder / "dist" / "edge-auth.wasm").write_bytes(module or plugin_bytes())
    return folder


def image_of(folder: Path, text: str = "hello") -> Image:
    """Make the image of a new project in ``folder``."""
    return oci.make(project.load(write_project(folder, module=plugin_bytes(text))))
