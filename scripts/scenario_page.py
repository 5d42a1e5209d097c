"""The tables of the page of scenario files, made from what reads them."""

from typing import get_args

from pydantic import BaseModel

from wasmctl.testing.callback_models import CallbackSteps
from wasmctl.testing.message_models import Reply, Request
from wasmctl.testing.operators import OPERATORS, Kind
from wasmctl.testing.plugin_models import HostSettings, PluginSettings
from wasmctl.testing.step_models import Step
from wasmctl.testing.upstream_models import Rule, Upstream

_WORDS = {
    Kind.FIELD: "headers",
    Kind.TEXT: "texts",
    Kind.BODY: "bodies",
    Kind.NUMBER: "numbers",
    Kind.METRIC: "metrics",
}


def operators() -> str:
    """Return the table; the page of scenario files includes it."""
    rows = "".join(
        f"| `{name}` | {operator.meaning} | {_where(operator.kinds)} |\n"
        for name, operator in OPERATORS.items()
    )
    return f"| operator | matches | for |\n|---|---|---|\n{rows}"


def _where(kinds: frozenset[Kind]) -> str:
    if kinds == frozenset(Kind):
        return "all"
    return ", ".join(word for kind, word in _WORDS.items() if kind in kinds)


_INPUTS: dict[str, type[BaseModel]] = {
    "request": Request,
    "reply": Reply,
    "upstreams: {NAME: …}": Upstream,
    "upstreams: {NAME: {rules: [ … ]}}": Rule,
    "plugin": PluginSettings,
    "host": HostSettings,
}


def inputs() -> str:
    """Return a table of the keys of each table of inputs."""
    return "\n".join(f"`{name}`\n\n{_keys(model)}" for name, model in _INPUTS.items())


def steps() -> str:
    """Return the table of steps, with the keys of each."""
    rows = [
        f"| `{name}` | {', '.join(f'`{key}`' for key in _names(found.annotation))} |"
        f" {found.description} |\n"
        for name, found in Step.model_fields.items()
        if name not in CallbackSteps.model_fields
    ]
    return f"| step | keys | what it is |\n|---|---|---|\n{''.join(rows)}"


def _keys(model: type[BaseModel]) -> str:
    rows = "".join(
        f"| `{name}` | {found.description} |\n" for name, found in model.model_fields.items()
    )
    return f"| key | meaning |\n|---|---|\n{rows}"


def _names(annotation: object) -> list[str]:
    """Return the keys of the table that a field's type speaks of; none of what is no table."""
    tables = (part for part in (annotation, *get_args(annotation)) if isinstance(part, type))
    found = next((part for part in tables if issubclass(part, BaseModel)), None)
    is_step = found is not None and found.__name__.endswith("Step")
    return list(found.model_fields) if found is not None and is_step else []
