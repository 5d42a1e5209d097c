"""A plugin: a WebAssembly module that a Proxy-Wasm host can load.

The rules are those Envoy applies before it runs anything (proxy-wasm-cpp-host ``src/wasm.cc``
and ``src/bytecode_util.cc``), decided from imports and exports, never from a list of releases.
"""

from dataclasses import dataclass
from pathlib import Path

from wasmctl import files, module
from wasmctl.abi.callbacks import ALLOCATORS
from wasmctl.abi.hostcalls import HOSTCALLS
from wasmctl.abi.signature import Signature
from wasmctl.abi.types import AbiVersion
from wasmctl.abi.wasi import MODULES as WASI_MODULES
from wasmctl.abi.wasi import WASI_FUNCTIONS
from wasmctl.errors import NotAPluginError
from wasmctl.module import Import, Module

_MARKER_PREFIX = "proxy_abi_version_"


@dataclass(frozen=True, kw_only=True)
class Plugin:
    """A module that passed the checks, with its bytes and the ABI version it declares.

    Attributes:
        is_checked: False where it was not asked to pass them: hosts will refuse it, or not.

    """

    content: bytes
    module: Module
    abi_version: AbiVersion
    is_checked: bool = True

    @property
    def digest(self) -> str:
        """The module's ``sha256:`` digest, its name in every report."""
        return self.module.digest


def open_plugin(path: Path) -> Plugin:
    """Read the plugin in a file.

    Raises FilesError where it cannot be read, NotAPluginError where it is none; both name the
    file.
    """
    with module.naming(path):
        return parse(files.read(path))


def parse(content: bytes) -> Plugin:
    """Read a plugin from its bytes.

    Raises NotAPluginError with the reason a host would give.
    """
    read = module.parse(content)
    version = _abi_version(read)
    _check_allocator(read)
    for wanted in read.imports:
        _check_import(wanted, version)
    return Plugin(content=content, module=read, abi_version=version)


def unchecked(content: bytes) -> Plugin:
    """Take bytes for a plugin, whatever they are, to see what hosts say of them."""
    try:
        return parse(content)
    except NotAPluginError:
        read = module.described(content)
    version = declared_abi(read) or AbiVersion.V0_2_1
    return Plugin(content=content, module=read, abi_version=version, is_checked=False)


def declared_abi(read: Module) -> AbiVersion | None:
    """Return the version whose marker the module exports first, or None."""
    markers = {version.marker: version for version in AbiVersion}
    found = (markers[entry.name] for entry in read.exports if entry.name in markers)
    return next(found, None)


def _abi_version(read: Module) -> AbiVersion:
    version = declared_abi(read)
    if version:
        return version
    known = ", ".join(AbiVersion)
    others = [entry.name for entry in read.exports if entry.name.startswith(_MARKER_PREFIX)]
    if others:
        raise NotAPluginError(
            f"unknown ABI marker {others[0]}",
            hint=f"build with an SDK for Proxy-Wasm {known}, which are what hosts load",
        )
    raise NotAPluginError(
        "no Proxy-Wasm ABI marker among its exports",
        hint=f"export one of proxy_abi_version_*: build with a Proxy-Wasm SDK ({known})",
    )


def _check_allocator(read: Module) -> None:
    if not any(read.export(name) for name in ALLOCATORS):
        raise NotAPluginError(
            f"no allocator: it exports neither {' nor '.join(ALLOCATORS)}",
            hint="export one: the host needs it to hand data to the plugin",
        )


def _check_import(wanted: Import, version: AbiVersion) -> None:
    if wanted.kind in {"memory", "table"}:
        return  # Envoy makes these itself.
    name = f"{wanted.module}.{wanted.name}"
    offered = offered_signature(wanted, version)
    if wanted.kind != "function" or offered is None:
        raise NotAPluginError(
            f"it imports {name}, which no host offers to ABI {version}",
            hint="remove what needs that import, or build with an SDK for this ABI version",
        )
    if wanted.signature != offered:
        raise NotAPluginError(
            f"it imports {name} as {wanted.signature}, but hosts offer {offered}",
            hint="declare the import with the host's signature",
        )


def offered_signature(wanted: Import, version: AbiVersion) -> Signature | None:
    """Return the signature with which hosts offer an import, or None if none does."""
    if wanted.module in WASI_MODULES:
        return WASI_FUNCTIONS.get(wanted.name)
    if wanted.module == "env":
        return HOSTCALLS[version].get(wanted.name)
    return None
