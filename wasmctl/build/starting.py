"""A module's start, on the embedded host: its start section, and whether it knows a root id.

A start section takes nothing and has called nobody yet: up to its first hostcall it can do but one
thing, so that a single run tells what every proxy will meet.
"""

from dataclasses import dataclass

from platformdirs import user_cache_path

from wasmctl import messages
from wasmctl.build.setup import ROOT_ID_PROPERTY, Setup
from wasmctl.host import Host, LoadError, load
from wasmctl.profiles import Finding, Level
from wasmctl.profiles.findings import shown
from wasmctl.records import Trap, TrapKind

# No plugin is registered under it.
_NOBODY = "wasmctl-nobody"

# Stands for the root id in what a plugin says.
_MASK = "\0"

_START_HINT = "export _initialize instead (AssemblyScript: exportStart, C++: -mexec-model=reactor)"


@dataclass(frozen=True, kw_only=True)
class _Course:
    """What came of a start and a request, without the root id in it.

    Attributes:
        refusal: why the plugin did not start, in Envoy's words.
        asked: whether it looked at its root id.
        acted: whether it made any other hostcall.

    """

    refusal: str = ""
    said: tuple[str, ...] = ()
    asked: bool = True
    acted: bool = True


def start_section(content: bytes) -> list[Finding]:
    """Return what is wrong with a module's start section."""
    try:
        Host.start(content, cache=user_cache_path("wasmctl")).close()
    except LoadError as error:
        if error.message == load.NO_INSTANCE and error.trap:
            return [_of_trap(error.trap)]
        is_behind = error.message in {load.NOT_INITIALIZED, load.NOT_STARTED, load.NOT_CONFIGURED}
        return [] if is_behind else [_untried()]
    return []


def _of_trap(trap: Trap) -> Finding:
    called = trap.kind is TrapKind.RESTRICTED_CALLBACK
    told = f"calls {trap.message.split()[0]}: Envoy crashes" if called else f"fails: {trap.message}"
    return Finding(
        rule="start", level=Level.ERROR, message=f"its start section {told}", hint=_START_HINT
    )


def _untried() -> Finding:
    return Finding(
        rule="start",
        level=Level.WARNING,
        message="its start section runs before the host is ready: a hostcall there, even to log,"
        " crashes Envoy; this one could not be tried",
        hint=_START_HINT,
    )


def root_id(content: bytes, setup: Setup) -> list[Finding]:
    """Return what is wrong with the root id of a setup: that the module has no such plugin.

    The module must look at its root id. It is started twice, once with an id that nobody has: what
    is the same under both is no plugin's.
    """
    meant, wanted = _course(content, setup, setup.root_id or ""), setup.root_id
    if meant != _course(content, setup, _NOBODY):
        return []
    if meant.refusal:
        said = f" ({shown(meant.said[-1].replace(_MASK, str(wanted)))})" if meant.said else ""
        told = f"it does not start: {meant.refusal}{said}"
        return [_unknown(f"no plugin of it has the root id {wanted!r}: {told}", Level.ERROR)]
    if meant.asked and not meant.acted:
        told = f"under the root id {wanted!r} it lets a request pass, as under one that nobody has"
        return [_unknown(told, Level.NOTE)]
    return []


def _unknown(message: str, level: Level) -> Finding:
    hint = "name a plugin that the module registers: [plugin] root_id, or --root-id"
    return Finding(rule="root-id", level=level, message=message, hint=hint)


def _course(content: bytes, setup: Setup, name: str) -> _Course:
    try:
        with Host.start(
            content,
            root_id=name,
            configuration=setup.configuration,
            environment=setup.environment,
            cache=user_cache_path("wasmctl"),
            trace=True,
        ) as host:
            host.http(messages.request("/"))
            called = [each for each in host.trace if each.module]
            said = [line.text for line in host.logs]
    except LoadError as error:
        return _Course(refusal=error.message, said=_masked([e.text for e in error.logs], name))
    asked = [each for each in called if ROOT_ID_PROPERTY in str(each.values)]
    return _Course(said=_masked(said, name), asked=bool(asked), acted=len(called) > len(asked))


def _masked(said: list[str], name: str) -> tuple[str, ...]:
    return tuple(line.replace(name, _MASK) if name else line for line in said)
