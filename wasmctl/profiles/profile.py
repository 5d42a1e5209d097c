"""What one proxy offers a plugin."""

from collections.abc import Mapping
from dataclasses import dataclass

from wasmctl.abi.signature import Signature
from wasmctl.abi.wasi import MODULES as WASI_MODULES
from wasmctl.module import Import, Module


@dataclass(frozen=True, kw_only=True)
class Interface:
    """What goes with one version of the ABI: what is offered, and what is called."""

    hostcalls: Mapping[str, Signature]
    callbacks: Mapping[str, Signature]


@dataclass(frozen=True, kw_only=True)
class Profile:
    """A proxy, as plugins see it.

    Attributes:
        name: as on the command line and in the project file.
        interfaces: by the marker that a module exports to ask for one.
        wasi: the functions of WASI it has.
        is_measured: whether its rules are those of a running one; else they were read only.

    """

    name: str
    title: str
    interfaces: Mapping[str, Interface]
    wasi: Mapping[str, Signature]
    is_measured: bool = False

    def interface(self, module: Module) -> Interface | None:
        """Return the interface whose marker the module exports first, or None."""
        found = (self.interfaces.get(export.name) for export in module.exports)
        return next((interface for interface in found if interface), None)

    def offered(self, wanted: Import, interface: Interface) -> Signature | None:
        """Return the signature with which an import is offered, or None if it is not."""
        if wanted.module in WASI_MODULES:
            return self.wasi.get(wanted.name)
        return interface.hostcalls.get(wanted.name) if wanted.module == "env" else None
