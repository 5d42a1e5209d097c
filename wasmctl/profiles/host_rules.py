"""What one proxy would refuse or never call.

The rules are those of proxy-wasm-cpp-host (``src/wasm.cc``, ``src/bytecode_util.cc``) and of V8's
linker behind it.
"""

from collections.abc import Iterator

from wasmctl import spelling
from wasmctl.abi.callbacks import ALLOCATORS, looked_up
from wasmctl.abi.types import AbiVersion
from wasmctl.module import Import, Module
from wasmctl.profiles.findings import Finding, Level, shown
from wasmctl.profiles.profile import Interface, Profile

_MARKER = "proxy_abi_version_"
_CALLBACK = "proxy_on_"


def findings(module: Module, profile: Profile) -> Iterator[Finding]:
    """Yield what is wrong with a module for this proxy."""
    interface = profile.interface(module)
    if interface is None:
        yield _no_interface(module)
        return
    for wanted in module.imports:
        yield from _import(wanted, profile, interface)
    yield from _signatures(module, interface)
    yield from _never_called(module, interface)


def _no_interface(module: Module) -> Finding:
    markers = [export.name for export in module.exports if export.name.startswith(_MARKER)]
    said = f"its ABI version {_version(markers[0])} is not known" if markers else "no ABI marker"
    return Finding(
        rule="abi",
        level=Level.ERROR,
        message=f"it is refused: {said}",
        hint=f"build with a Proxy-Wasm SDK for ABI {', '.join(AbiVersion)}",
    )


def _version(marker: str) -> str:
    return shown(marker.removeprefix(_MARKER).replace("_", "."))


def _import(wanted: Import, profile: Profile, interface: Interface) -> Iterator[Finding]:
    if wanted.kind in {"memory", "table"}:
        return  # Envoy makes these itself.
    name = shown(f"{wanted.module}.{wanted.name}")
    offered = profile.offered(wanted, interface) if wanted.kind == "function" else None
    if offered is None:
        yield Finding(
            rule="import",
            level=Level.ERROR,
            message=f"it is refused: the {wanted.kind} {name}, which it imports, is not offered",
            hint="do without what needs that import, or name the hosts that are meant",
        )
    elif wanted.signature != offered:
        yield Finding(
            rule="import-signature",
            level=Level.ERROR,
            message=f"it is refused: it imports {name} as {wanted.signature or 'another type'},"
            f" which is offered as {offered}",
            hint="declare the import with the signature that hosts offer",
        )


def _signatures(module: Module, interface: Interface) -> Iterator[Finding]:
    known = looked_up(interface.callbacks, initializes=module.export("_initialize") is not None)
    for export in module.exports:
        wanted = known.get(export.name)
        if wanted and export.kind == "function" and export.signature != wanted:
            yield Finding(
                rule="export-signature",
                level=Level.ERROR,
                message=f"it is refused: it exports {export.name} as"
                f" {export.signature or 'another type'}, which is called as {wanted}",
                hint=f"export {export.name} as {wanted}",
            )


def _never_called(module: Module, interface: Interface) -> Iterator[Finding]:
    for export in module.exports:
        name = export.name
        if name.startswith(_CALLBACK) and name not in {*interface.callbacks, *ALLOCATORS}:
            yield Finding(
                rule="callback",
                level=Level.WARNING,
                message=f"it exports {shown(name)}, which is never called",
                hint=spelling.suggestion(name, interface.callbacks),
            )
