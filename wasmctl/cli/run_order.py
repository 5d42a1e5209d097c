"""What ``wasmctl run`` is asked, from the words of the command line."""

import dataclasses
from pathlib import Path
from typing import Any

from wasmctl import files, spelling
from wasmctl.cli.output import note
from wasmctl.cli.run_options import RunOptions
from wasmctl.envoy.engines.process import ProcessSite
from wasmctl.envoy.plugin_config import FailurePolicy, Kind
from wasmctl.errors import UsageError
from wasmctl.launch import folder, plugins, upstreams
from wasmctl.launch.folder import Record
from wasmctl.launch.order import Order
from wasmctl.launch.plugins import Deployed
from wasmctl.launch.wiring import Wiring

_POLICIES = {policy.name.lower(): policy for policy in FailurePolicy}


def order(given: RunOptions) -> Order:
    """Return the order. Raises UsageError and what opening the plugins raises."""
    found = _plugins(given)
    return Order(
        name=given.run_name or folder.new_name(found[0].name),
        plugins=found,
        upstream=upstreams.parse("upstream", given.upstream) if given.upstream else None,
        clusters=tuple(upstreams.parse_named(text) for text in given.clusters or ()),
        patches=tuple((str(path), files.read(path).decode()) for path in given.patches or ()),
        values=tuple(given.values or ()),
        port=given.port,
        admin_port=given.admin_port,
        concurrency=given.concurrency,
        reload=given.reload,
        serve_code=given.serve_code,
        ready_seconds=given.ready_timeout,
    )


def _plugins(given: RunOptions) -> tuple[Deployed, ...]:
    found = [
        plugins.opened(source, plain_http=given.plain_http, on_progress=note)
        for source in given.sources or ["."]
    ]
    names = plugins.unique_names([one.name for one in found])
    configs = _by_plugin("--plugin-config", given.plugin_configs, names)
    root_ids = _by_plugin("--root-id", given.root_ids, names)
    vm_ids = _by_plugin("--vm-id", given.vm_ids, names)
    kinds = _by_plugin("--kind", given.kinds, names)
    return tuple(
        dataclasses.replace(
            one,
            name=name,
            kind=_kind(kinds[name]) if name in kinds else one.kind,
            configuration=plugins.configuration(configs[name])
            if name in configs
            else one.configuration,
            root_id=root_ids.get(name, one.root_id),
            vm_id=vm_ids.get(name, one.vm_id or _own_vm(name, names)),
            environment={**one.environment, **_environment(given.environment)},
            capabilities=frozenset(given.capabilities) if given.capabilities else None,
            failure_policy=_policy(given.fail_policy),
        )
        for one, name in zip(found, names, strict=True)
    )


def _own_vm(name: str, names: list[str]) -> str:
    """Return an id that keeps plugins of a chain apart: a trap ends all that share a VM."""
    return name if len(names) > 1 else ""


def _by_plugin(option: str, texts: list[str] | None, names: list[str]) -> dict[str, str]:
    found = {}
    for text in texts or ():
        name, equals, value = text.partition("=")
        if equals and name in names:
            found[name] = value
        elif len(names) == 1:
            found[names[0]] = text
        else:
            raise UsageError(
                f"{option} {text}: there are several plugins, and it does not say for which",
                hint=f"write {option} PLUGIN=…; the plugins are {', '.join(names)}",
            )
    return found


def _environment(texts: list[str] | None) -> dict[str, str]:
    pairs = [text.partition("=") for text in texts or ()]
    for name, equals, _value in pairs:
        if not name or not equals:
            raise UsageError(f"--env {name}: not of the form K=V", hint="write --env KEY=value")
    return {name: value for name, _equals, value in pairs}


def _kind(text: str) -> Kind:
    if text not in set(Kind):
        raise UsageError(
            f"--kind: unknown kind {text!r}",
            hint=spelling.suggestion(text, [kind.value for kind in Kind]),
        )
    return Kind(text)


def _policy(text: str | None) -> FailurePolicy | None:
    if text is not None and text not in _POLICIES:
        raise UsageError(
            f"--fail-policy: unknown policy {text!r}", hint=spelling.suggestion(text, _POLICIES)
        )
    return _POLICIES[text] if text else None


def bootstrap(asked: Order) -> dict[str, Any]:
    """Return the bootstrap configuration that the engine ``process`` would be given."""
    place = folder.root() / asked.name
    return Wiring(order=asked, site=ProcessSite(Path("envoy"), place), folder=place).configuration()


def as_json(record: Record) -> dict[str, Any]:
    """Return a run as it stands in JSON."""
    fields = dataclasses.asdict(record)
    fields["pid"] = fields.pop("owner")["pid"]
    return fields | {"folder": str(folder.root() / record.name)}
