"""The one door to cookiecutter and Jinja: the files of a project out of those of a template.

What a foreign template says runs in Jinja's sandbox, and makes files nowhere but in the project.
"""

import copy
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cookiecutter.environment import StrictEnvironment
from cookiecutter.generate import is_binary, is_copy_only_path
from cookiecutter.prompt import render_variable
from jinja2 import FileSystemLoader, TemplateError
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment

from wasmctl.errors import DefinitionError
from wasmctl.scaffold.targets import Targets

# What a template's file may include lies beside the project's folder, as in cookiecutter.
_INCLUDED = "templates"

# What the folder of the project is called while it is laid together.
_PROJECT = "project"

# Files of a template are rendered in memory; and nobody means a text that is longer.
LARGEST_FILE = 64_000_000
_LARGEST_POWER = 1000

# What a template's own expressions can end in: 1 / 0, "a" + 1, a range without an end.
_MISTAKES = (
    *(TemplateError, ArithmeticError, AttributeError, LookupError),
    *(MemoryError, RecursionError, TypeError, ValueError),
)


class _Environment(StrictEnvironment, SandboxedEnvironment):  # type: ignore[misc]
    """cookiecutter's: its filters, no undefined variable; and what Jinja deems safe, no more."""

    intercepted_binops = frozenset({"*", "**"})

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:  # noqa: ANN401 - a template's own values
        """Multiply, but not to what would fill the memory of the machine."""
        if _extent(operator, left, right) > LARGEST_FILE:
            raise SecurityError(f"what comes of {operator} is too large")
        return super().call_binop(context, operator, left, right)


def _extent(operator: str, left: object, right: object) -> int:
    """Return about how long the result of an operator is."""
    match operator, left, right:
        case "**", _, int():
            return LARGEST_FILE + 1 if right > _LARGEST_POWER else 0
        case "*", (str() | list() | tuple()), int():
            return len(left) * right
        case "*", int(), (str() | list() | tuple()):
            return left * len(right)
        case _:
            return 0


def default(expression: str, answered: Mapping[str, str]) -> str:
    """Return the value of a default that may be made of the answers before it.

    Raises DefinitionError where it cannot be.
    """
    try:
        return str(render_variable(_Environment(), expression, dict(answered)))
    except _MISTAKES as error:
        raise _mistake(expression, error) from error


def text(expression: str, variables: Mapping[str, object], where: str) -> str:
    """Return what the text of a file becomes. Raises DefinitionError where it is no template."""
    try:
        rendered = _Environment(keep_trailing_newline=True).from_string(expression)
        return str(rendered.render(cookiecutter=dict(variables)))
    except _MISTAKES as error:
        raise _mistake(where, error) from error


def source(path: Path, where: str) -> str:
    """Return the text of a file of a template. Raises DefinitionError where it is none."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeError as error:
        raise _mistake(where, error) from error


def merged(layers: tuple[Path, ...], folder: Path) -> None:
    """Lay the files of a template's layers over each other, in ``folder``.

    Raises DefinitionError where none has a project, or one has a link: it could lead anywhere.
    """
    for layer in layers:
        for part in (_project_of(layer), layer / _INCLUDED):
            if part is not None and part.is_dir():
                _lay(part, folder / (_INCLUDED if part.name == _INCLUDED else _PROJECT))
    if not (folder / _PROJECT).is_dir():
        raise DefinitionError(
            f"{layers[-1]} is no template: it has no files in a folder {{{{cookiecutter.name}}}}",
            hint="put what projects are made of into a folder of that name",
        )


def render(folder: Path, variables: Mapping[str, object], made: Path) -> None:
    """Make the project at ``made`` of what ``merged`` laid down in ``folder``.

    Raises DefinitionError where a file is no template, or is to be made outside the project.
    """
    environment = _Environment(keep_trailing_newline=True)
    project = folder / _PROJECT
    environment.loader = FileSystemLoader([project, folder / _INCLUDED])
    targets = Targets()
    for path in sorted(_files_in(project)):
        source = path.relative_to(project).as_posix()
        try:
            name = environment.from_string(source).render(_context(variables))
            # So does cookiecutter let a condition in a name leave a file out.
            if "" not in name.split("/"):
                _write(path, source, made / targets.take(name), environment, variables)
        except _MISTAKES as error:
            raise _mistake(source, error) from error


def _write(
    path: Path,
    source: str,
    target: Path,
    environment: _Environment,
    variables: Mapping[str, object],
) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    context = _context(variables)
    if is_copy_only_path(source, context) or is_binary(str(path)):
        shutil.copyfile(path, target)
    else:
        rendered = environment.get_template(source).render(context)
        target.write_text(rendered, encoding="utf-8", newline=_line_end(path))
    shutil.copymode(path, target)


def _context(variables: Mapping[str, object]) -> dict[str, Any]:
    """Return what one expression sees: what it changes there, no other one meets."""
    return {"cookiecutter": copy.deepcopy(dict(variables))}


def _line_end(path: Path) -> str:
    with path.open("rb") as file:
        return "\r\n" if file.readline().endswith(b"\r\n") else "\n"


def _project_of(layer: Path) -> Path | None:
    named = (path for path in sorted(layer.iterdir()) if "{{" in path.name and "}}" in path.name)
    return next(named, None)


def _lay(source: Path, target: Path) -> None:
    for path in [source, *sorted(source.rglob("*"))]:
        name = path.relative_to(source.parent)
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise DefinitionError(
                f"the template has {name}, which is no plain file",
                hint="put a copy of what the link leads to in its place",
            )
        if path.is_file():
            _lay_file(path, name, target / path.relative_to(source))


def _lay_file(path: Path, name: Path, laid: Path) -> None:
    size = path.stat().st_size
    if size > LARGEST_FILE:
        raise DefinitionError(
            f"the template has {name} with {size:,} bytes, of {LARGEST_FILE:,} allowed",
            hint="leave it out: let the project's own tools fetch what is large",
        )
    laid.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, laid)
    # A folder that was just made shows what the user lets others do.
    allowed = laid.parent.stat().st_mode
    laid.chmod((0o755 if os.access(path, os.X_OK) else 0o644) & allowed)


def _files_in(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def _mistake(where: str, error: Exception) -> DefinitionError:
    cause = str(error).splitlines()
    hint = "correct the template, or use another"
    if isinstance(error, UnicodeError):
        hint = "write that file as UTF-8, or name it in _copy_without_render"
    return DefinitionError(
        f"the template cannot be used: {where}: {cause[0] if cause else type(error).__name__}",
        hint=hint,
    )
