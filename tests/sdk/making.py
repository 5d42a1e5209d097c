"""Projects of plugins that are written with the AssemblyScript SDK."""

import shutil
from pathlib import Path

from wasmctl import scaffold

_BORROWED = ("asconfig.json", "package.json", "package-lock.json")


def make(folder: Path, source: Path, packages_of: Path) -> Path:
    """Copy a project, and give it the SDK that ships and what another project has installed."""
    shutil.copytree(source, folder, dirs_exist_ok=True)
    for name in _BORROWED:
        if not (folder / name).exists():
            shutil.copyfile(packages_of / name, folder / name)
    (folder / "node_modules").symlink_to(packages_of / "node_modules")
    sdk = scaffold.templates_root() / "assemblyscript/_sdk/proxy-wasm"
    shutil.copytree(sdk, folder / "assembly/proxy-wasm")
    return folder
