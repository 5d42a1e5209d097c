"""The cases of the parity suite whose plugins the AssemblyScript SDK can say, as it says them."""

import hashlib
from dataclasses import replace
from functools import cache
from pathlib import Path

from tests.conformance.case import Case, Filter
from tests.conformance.cases import CASES
from tests.conformance.plugins import SOURCES
from tests.sdk import making
from tests.sdk.elsewhere import ELSEWHERE
from tests.sdk.translation import Translation, translate
from wasmctl import build, project

_SUPPORT = Path(__file__).parent / "rules"
_HEAD = """\
import {
  HttpCall, LocalResponse, LogLevel, Pair, Queue, Counter, Gauge, Histogram, callForeignFunction,
  foreignFunctionArguments, httpCallBody, httpCallFailure, httpCallHeaders, httpCallTrailers, log,
  properties, registerPlugin, requestBody, requestHeaders, requestTrailers, responseBody,
  responseHeaders, responseTrailers, sharedData, time, utf8,
} from "./proxy-wasm";
import { RulesPlugin } from "./contexts";
import { Script, shared } from "./script";
import { repeated, tell, unhexed } from "./tell";
import { Turn } from "./turn";

export * from "./proxy-wasm/callbacks/lifecycle";
export * from "./proxy-wasm/callbacks/http-headers";
export * from "./proxy-wasm/callbacks/http-bodies";
export * from "./proxy-wasm/callbacks/http-trailers";
export * from "./proxy-wasm/callbacks/http-calls";
export * from "./proxy-wasm/callbacks/plugin-events";
"""


@cache
def translations() -> dict[bytes, Translation]:
    """Return the plugins in AssemblyScript, by the modules whose part they take."""
    codes = {plugin.code for case in CASES.values() for plugin in case.filters}
    return {code: translate(SOURCES[code], _name(code)) for code in codes & SOURCES.keys()}


@cache
def sayable() -> dict[str, bool]:
    """Return the cases that the SDK can say, and whether nothing of them is left out."""
    found = translations()
    return {
        case.id: not any(found[plugin.code].left_out for plugin in case.filters)
        for case in CASES.values()
        if case.filters and all(plugin.code in found for plugin in case.filters)
    }


@cache
def played() -> tuple[str, ...]:
    """Return the cases that together show all rules that apply; whole ones are preferred."""
    chosen = []
    shown = set(ELSEWHERE)
    for name in sorted(sayable(), key=lambda name: not sayable()[name]):
        if not shown.issuperset(CASES[name].rows):
            chosen.append(name)
            shown.update(CASES[name].rows)
    return tuple(chosen)


def with_module(case: Case, module: bytes) -> Case:
    """Return a case whose plugins are those of the one module, by their root ids.

    What had its own machine because it was another module has it by its machine's configuration.
    """
    codes = list(dict.fromkeys(plugin.code for plugin in case.filters))
    return replace(
        case,
        filters=tuple(
            _of_module(plugin, module, codes.index(plugin.code)) for plugin in case.filters
        ),
    )


def _of_module(plugin: Filter, module: bytes, place: int) -> Filter:
    own = plugin.vm_configuration or (str(place).encode() if place else b"")
    # The SDK asks for the root id, which chooses among the plugins of a module.
    allowed = plugin.capabilities and plugin.capabilities | {"proxy_get_property"}
    root_id = _root_id(plugin)
    return replace(plugin, code=module, root_id=root_id, vm_configuration=own, capabilities=allowed)


def _root_id(plugin: Filter) -> str:
    return f"{_name(plugin.code)} {plugin.root_id}"


def _name(code: bytes) -> str:
    return f"script_{hashlib.sha256(code).hexdigest()[:12]}"


def make(folder: Path, packages_of: Path) -> Path:
    """Build the module of all of them, with another project's packages; return its path."""
    if not folder.exists():
        making.make(folder, _SUPPORT, packages_of)
    (folder / "assembly/index.ts").write_text("\n".join((_HEAD, *_plugins())) + "\n")
    return build.build(project.load(folder)).path


def _plugins() -> list[str]:
    filters = [plugin for name in played() for plugin in CASES[name].filters]
    scripts = {plugin.code: translations()[plugin.code].code for plugin in filters}
    rooted = {_root_id(plugin): _name(plugin.code) for plugin in filters}
    return [*scripts.values(), *(_registration(*each) for each in rooted.items())]


def _registration(root_id: str, name: str) -> str:
    return f'registerPlugin("{root_id}", (id) => new RulesPlugin(id, shared("{name}", {name})));'
