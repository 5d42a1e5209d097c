"""The reference pages that are made from the code."""

import ast
import inspect
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from typer.cli import get_docs_for_click
from typer.main import get_command

from wasmctl import errors, project
from wasmctl.abi.hostcalls import HOSTCALLS
from wasmctl.abi.types import AbiVersion
from wasmctl.abi.wasi import WASI_FUNCTIONS
from wasmctl.cli import app
from wasmctl.host.hostcall import Hostcall
from wasmctl.host.hostcalls import HOSTCALLS as DECLARED

_NOTE = (
    "% Made from the code by scripts/generate.py; change the code, then run `make generate`.\n\n"
)
_INTERNAL = 1


def commands() -> str:
    """Return the page of every command, as its help says."""
    import typer  # noqa: PLC0415 - typer's context needs the program

    command = get_command(app)
    context = typer.Context(command, info_name="wasmctl")
    return _NOTE + get_docs_for_click(obj=command, ctx=context, name="wasmctl", title="Commands")


def exit_codes() -> str:
    """Return the page of exit codes, from the classes that carry them."""
    found = {0: "success", _INTERNAL: errors.WasmctlError.meaning}
    for _, kind in inspect.getmembers(errors, inspect.isclass):
        if issubclass(kind, errors.WasmctlError):
            found[kind.exit_code] = kind.meaning
    rows = "".join(f"| {code} | {meaning} |\n" for code, meaning in sorted(found.items()))
    return (
        f"{_NOTE}# Exit codes\n\nEvery expected failure prints one line of cause and one of remedy"
        " on standard error,\nand ends with a code that has one meaning.\n\n"
        f"| code | meaning |\n|---|---|\n{rows}"
    )


def project_file() -> str:
    """Return the page of ``wasmctl.toml``, from its models."""
    tables = "".join(_table(name, field) for name, field in _fields(project.ProjectFile))
    return (
        f"{_NOTE}# The project file\n\n`wasmctl.toml` in the project's folder. A key that is not"
        " below is an error, reported with its\nline and the nearest known key. `wasmctl init`"
        " writes a JSON Schema beside it, which editors use.\n\n"
        f"`schema = 1` stands at the top: the version of this format.\n\n{tables}"
    )


def _fields(model: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - pydantic's classes
    return ((field.alias or name, field) for name, field in model.model_fields.items())


def _table(name: str, field: Any) -> str:  # noqa: ANN401 - pydantic's FieldInfo
    if not _is_table(field):
        return ""
    summary = (field.annotation.__doc__ or "").partition(": ")[2]
    entries = list(_fields(field.annotation))
    rows = "".join(_row(key, entry) for key, entry in entries if not _is_table(entry))
    below = "".join(_table(f"{name}.{key}", entry) for key, entry in entries)
    return (
        f"## `[{name}]`\n\n{summary[:1].upper()}{summary[1:]}\n\n"
        f"| key | type | default | meaning |\n|---|---|---|---|\n{rows}\n{below}"
    )


def _is_table(field: Any) -> bool:  # noqa: ANN401 - pydantic's FieldInfo
    return hasattr(field.annotation, "model_fields")


def _row(key: str, field: Any) -> str:  # noqa: ANN401 - pydantic's FieldInfo
    default = "required" if field.is_required() else _literal(field.default)
    return f"| `{key}` | {_type(field.annotation)} | {default} | {field.description or ''} |\n"


def _literal(value: object) -> str:
    if isinstance(value, tuple):
        return f"`[{', '.join(repr(str(part)) for part in value)}]`"
    return "" if value in (None, {}, "") else f"`{value}`"


def _type(annotation: Any) -> str:  # noqa: ANN401 - whatever can be annotated
    kind, parts = get_origin(annotation), get_args(annotation)
    if kind is Literal:
        return " or ".join(f"`{part}`" for part in parts)
    if kind is tuple:
        return f"list of {_type(parts[0])}"
    if kind is dict:
        return "table of strings"
    if NoneType in parts:
        return _type(parts[0])
    return {Path: "path", int: "number"}.get(annotation, "string")


def hostcalls() -> str:
    """Return the page of what a plugin may import, and what of it the embedded host does."""
    rows = "".join(
        f"| `{name}` | `{HOSTCALLS[versions[-1]][name]}` | {', '.join(versions)} |"
        f" {_state(DECLARED[name])} |\n"
        for name, versions in _versions().items()
    )
    wasi = ", ".join(f"`{name}`" for name in WASI_FUNCTIONS)
    return (
        f"{_NOTE}# Hostcalls\n\nThe functions that Envoy offers a plugin under the module `env`."
        " One that the embedded host\ndoes not do yet returns *unimplemented* (12), and fails the"
        " test that calls it.\n\n| function | signature | ABI versions | embedded host |\n"
        f"|---|---|---|---|\n{rows}\nUnder `wasi_snapshot_preview1` and `wasi_unstable`: {wasi}.\n"
    )


def _state(declared: Hostcall) -> str:
    """Say whether a hostcall does something, which its last statement tells."""
    text = textwrap.dedent(inspect.getsource(declared.function))
    function = ast.parse(text).body[0]
    last = function.body[-1] if isinstance(function, ast.FunctionDef) else None
    return "not yet" if isinstance(last, ast.Raise) and "Unimplemented" in ast.dump(last) else "yes"


def _versions() -> dict[str, list[AbiVersion]]:
    found: dict[str, list[AbiVersion]] = {}
    for version, table in HOSTCALLS.items():
        for name in table:
            found.setdefault(name, []).append(version)
    return dict(sorted(found.items()))
