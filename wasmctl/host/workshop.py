"""Where the machines of a host are made: modules compiled once, instances as many as wanted."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from wasmctl.abi.callbacks import CALLBACKS
from wasmctl.abi.signature import Signature
from wasmctl.host import fastcall, load, plaincall
from wasmctl.host.compiling import CompileError, CompileLimitError
from wasmctl.host.engine import Compiled, Limits, runtime
from wasmctl.host.entrance import Entrance
from wasmctl.host.hostcalls import HOSTCALLS
from wasmctl.host.linkage import Linkage
from wasmctl.host.load import LoadError
from wasmctl.host.traps import lines
from wasmctl.host.vm import Vm
from wasmctl.plugin import Plugin

_CALLBACKS = {name for table in CALLBACKS.values() for name in table}


@dataclass(frozen=True, kw_only=True)
class _Prepared:
    """A module that can be instantiated, and the exports that may be called in it."""

    compiled: Compiled
    entry_points: Mapping[str, Signature]


class Workshop:
    """What every machine of a host is made with.

    Args:
        limits: what each may use.
        cache: a folder for compiled modules; None compiles anew.
        fast_calls: whether the boundary is crossed unchecked.
        trace: whether every call across it is taken down.

    """

    def __init__(
        self, *, limits: Limits, cache: Path | None, fast_calls: bool, trace: bool
    ) -> None:
        self.limits = limits
        self._cache = cache
        self._linkage = _linkage(fast=fast_calls, traced=trace)
        self._prepared: dict[str, _Prepared] = {}

    def prepare(self, plugin: Plugin) -> None:
        """Compile a plugin, or find it compiled, if it is not yet; raises LoadError.

        It is done outside an entry: it may take longer, and Ctrl-C has to end it.
        """
        if plugin.digest not in self._prepared:
            self._prepared[plugin.digest] = _prepare(plugin, self.limits, self._cache)

    def make(self, plugin: Plugin, entrance: Entrance, capabilities: frozenset[str] | None) -> Vm:
        """Return a machine, not started yet; raises LoadError."""
        self.prepare(plugin)
        prepared = self._prepared[plugin.digest]
        return Vm(
            runtime(),
            self._linkage,
            prepared.compiled,
            _allowed(prepared.entry_points, capabilities),
            self.limits,
            entrance,
            capabilities,
        )


def _prepare(plugin: Plugin, limits: Limits, cache: Path | None) -> _Prepared:
    entry_points = load.entry_points(plugin)
    try:
        compiled = runtime().load(plugin.content, plugin.digest, cache, limits)
        compiled.confirm(entry_points)
    except CompileLimitError as error:
        hint = "see what its compiler generated: a function of a megabyte is none a person wrote"
        raise LoadError(str(error), hint=hint) from error
    except CompileError as error:
        hint = "build the module again, with a compiler whose WebAssembly Envoy knows"
        raise LoadError(load.CORRUPTED, hint=hint, details=lines(str(error))) from error
    return _Prepared(compiled=compiled, entry_points=entry_points)


def _allowed(
    entry_points: Mapping[str, Signature], capabilities: frozenset[str] | None
) -> Mapping[str, Signature]:
    """Leave out callbacks that may not run; what starts a machine and gives memory always may."""
    if capabilities is None:
        return entry_points
    denied = _CALLBACKS - capabilities
    return {name: kind for name, kind in entry_points.items() if name not in denied}


def _linkage(*, fast: bool, traced: bool) -> Linkage:
    own = runtime()
    key = fast, traced
    if key not in own.linkages:
        calls = fastcall if fast else plaincall
        own.linkages[key] = Linkage(own.engine, calls, HOSTCALLS, traced=traced)
    return own.linkages[key]
