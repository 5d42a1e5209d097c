"""Projects for tests that build."""

import shutil
from pathlib import Path

_PROJECT = """
schema = 1
[project]
name = "tiny"
language = "assemblyscript"
"""

SOURCE = """
export function proxy_abi_version_0_2_1(): void {}
export function malloc(size: i32): usize { return heap.alloc(size); }
"""

_COMPILER = """
{
  "entries": ["assembly/index.ts"],
  "options": { "runtime": "stub", "use": ["abort="] },
  "targets": { "release": {} }
}
"""


def tiny(folder: Path, packages_of: Path) -> Path:
    """Make the smallest project whose build is a plugin; it borrows another's packages."""
    write(folder / "wasmctl.toml", _PROJECT)
    write(folder / "assembly/index.ts", SOURCE)
    write(folder / "asconfig.json", _COMPILER)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(packages_of / name, folder / name)
    (folder / "node_modules").symlink_to(packages_of / "node_modules")
    return folder


_GO_MODULE = "module example.com/tiny\n\ngo 1.24\n"

GO_SOURCE = """\
package main

//go:wasmexport proxy_abi_version_0_2_1
func version() {}

//go:wasmexport malloc
func allocate(size uint32) uint32 { return 0 }

func main() {}
"""


def tiny_go(folder: Path) -> Path:
    """Make the smallest Go project whose build is a plugin; it needs no packages."""
    write(folder / "wasmctl.toml", _PROJECT.replace("assemblyscript", "go"))
    write(folder / "go.mod", _GO_MODULE)
    write(folder / "main.go", GO_SOURCE)
    return folder


def write(path: Path, text: str) -> None:
    """Write a text file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
