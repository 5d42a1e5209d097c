"""The plugins of a test as a real Envoy is told of them, and what it writes of them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from wasmctl import files
from wasmctl.abi.types import LogLevel
from wasmctl.abi.wasi import WASI_FUNCTIONS
from wasmctl.envoy import bootstrap, logs, trace
from wasmctl.envoy.bootstrap import PluginSettings
from wasmctl.envoy.plugin_config import FailurePolicy
from wasmctl.errors import EnvoyFailedError
from wasmctl.plugin import Plugin
from wasmctl.records import LogLine
from wasmctl.testing.observation import Observation
from wasmctl.testing.targets import envoy_properties
from wasmctl.testing.targets.base import FailPolicy, PluginSetup, Setup
from wasmctl.testing.targets.envoy_clusters import ORIGIN

_SECOND = 1_000_000_000
_POLICIES = {
    FailPolicy.CLOSED: FailurePolicy.CLOSED,
    FailPolicy.OPEN: FailurePolicy.OPEN,
    FailPolicy.RELOAD: FailurePolicy.RELOAD,
}
# How a VM's beginning is written, and its end; a module has one of the two.
_BEGINS = ("[host->vm] _initialize(", "[host->vm] _start(")
_HAS_BEGUN = ("[host<-vm] _initialize ", "[host<-vm] _start ")


def listener(setup: Setup, folder: Path) -> bootstrap.Json:
    """Return a test's listener; the files it names are written."""
    chain = [settings(setup, number, folder) for number in range(len(setup.plugins))]
    if setup.changes:
        for one in chain:
            write_filter(folder, one, 0)
    return bootstrap.listener(
        setup.key,
        chain,
        ORIGIN,
        filters_folder=folder if setup.changes else None,
        buffer_limit=setup.surroundings.buffer_limit,
        first=envoy_properties.filters(setup.properties),
        metadata=envoy_properties.of_route(setup.properties),
    )


def write_filter(folder: Path, plugin: PluginSettings, version: int) -> None:
    """Write what Envoy reads a plugin's settings from, where they may change."""
    content = bootstrap.encoded(bootstrap.discovered_filter(plugin, version))
    files.write(bootstrap.filter_file(folder, plugin.name), content)


def settings(setup: Setup, number: int, folder: Path) -> PluginSettings:
    """Return how a plugin of a test is started, by its number."""
    one = setup.plugins[number]
    return PluginSettings(
        name=name(setup, number),
        code=code(one.plugin, folder),
        configuration=one.configuration,
        root_id=one.root_id,
        vm_id=one.vm_id,
        vm_configuration=one.vm_configuration,
        environment=one.environment,
        capabilities=one.capabilities,
        failure_policy=_POLICIES[one.fail_policy] if one.fail_policy else None,
        fail_open=one.fail_open,
        reload_backoff=one.reload_backoff / _SECOND or None,
        allow_on_headers_stop_iteration=one.allow_on_headers_stop_iteration,
    )


def name(setup: Setup, number: int) -> str:
    """Return the name of a plugin of a test."""
    return setup.plugins[number].name or setup.key


def idle_listener(plugin: PluginSetup, folder: Path) -> bootstrap.Json:
    """Return a listener with the same module, none of whose callbacks is ever called."""
    idle = f"idle-{plugin.plugin.digest.removeprefix('sha256:')}"
    started = PluginSettings(
        name=idle,
        code=code(plugin.plugin, folder),
        vm_id=idle,
        # What a module's runtime may need while it starts, and no proxy_ function.
        capabilities=frozenset(WASI_FUNCTIONS),
    )
    return bootstrap.listener(idle, [started], ORIGIN)


def code(plugin: Plugin, folder: Path) -> Path:
    """Return the file of a module."""
    return written(plugin.content, plugin.digest.removeprefix("sha256:"), folder)


def written(content: bytes, digest: str, folder: Path) -> Path:
    """Return a file with these bytes, which is named by their digest."""
    file = folder / f"{digest}.wasm"
    if not file.exists():
        files.write(file, content)
    return file


def messages(setup: Setup, entries: Sequence[logs.Entry]) -> tuple[LogLine, ...]:
    """Return the plugins' own messages among those of one thread, in order."""
    least = setup.surroundings.log_level or LogLevel.TRACE
    return tuple(line for line in _messages(setup, entries) if line.level >= least)


def _messages(setup: Setup, entries: Sequence[logs.Entry]) -> Iterator[LogLine]:
    identities = [
        logs.Identity(name=name(setup, number), root_id=one.root_id, vm_id=one.vm_id)
        for number, one in enumerate(setup.plugins)
    ]
    for entry in entries:
        lines = [line for identity in identities for line in logs.plugin_lines([entry], identity)]
        # From a plugin's root context Envoy tells the root id, which several may have.
        is_known = len(lines) == 1
        yield from (line if is_known else replace(line, plugin="") for line in lines[:1])


def refusal(setup: Setup, entries: Sequence[logs.Entry], main_thread: int) -> Observation:
    """Return what was seen of plugins that did not start: they ran in the main thread only."""
    reason = logs.refusal(entries)
    if reason is None:  # no plugin was asked: it is Envoy that does not take what we wrote
        raise EnvoyFailedError(
            "Envoy refused the configuration that wasmctl made for it",
            hint="report this with the lines below and the output of `wasmctl doctor`",
            details=tuple(entry.text.strip() for entry in entries),
        )
    started = [entry for entry in entries if entry.thread == main_thread]
    return Observation(
        configured=False,
        load_error=reason,
        logs=messages(setup, started),
        trap=logs.trap(started),
        calls=_of_the_refused(trace.calls(started)),
    )


def _of_the_refused(calls: Sequence[str]) -> tuple[str, ...]:
    """Leave out the beginnings of VMs that Envoy only clones: the plugin is asked in the clone."""
    kept: list[str] = []
    began = 0
    for call in calls:
        if call.startswith(_BEGINS):
            if kept and kept[-1].startswith(_HAS_BEGUN):
                del kept[began:]
            began = len(kept)
        kept.append(call)
    return tuple(kept)
