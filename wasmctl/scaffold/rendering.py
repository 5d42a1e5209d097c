"""The one door to cookiecutter and Jinja: the files of a project out of those of a template.

What a foreign template says runs in Jinja's sandbox, and makes files nowhere but in the project.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from cookiecutter.environment import StrictEnvironment
from cookiecutter.generate import generate_file, is_copy_only_path
from cookiecutter.prompt import render_variable
from cookiecutter.utils import work_in
from jinja2 import FileSystemLoader, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from wasmctl.errors import DefinitionError

# What a template's file may include lies beside the project's folder, as in cookiecutter.
_INCLUDED = "templates"

# What the folder of the project is called while it is laid together.
_PROJECT = "project"

# Written into a repository, a file below runs with the next command of its owner.
_FORBIDDEN = {".git", ".hg", ".svn"}


class _Environment(StrictEnvironment, SandboxedEnvironment):  # type: ignore[misc]
    """cookiecutter's: its filters, no undefined variable; and what Jinja deems safe, no more."""


def default(expression: str, answered: Mapping[str, str]) -> str:
    """Return the value of a default that may be made of the answers before it.

    Raises DefinitionError where it cannot be.
    """
    try:
        return str(render_variable(_Environment(), expression, dict(answered)))
    except TemplateError as error:
        raise _mistake(expression, error) from error


def text(expression: str, variables: Mapping[str, object]) -> str:
    """Return what a template's text becomes. Raises DefinitionError where it is no template."""
    try:
        rendered = _Environment(keep_trailing_newline=True).from_string(expression)
        return str(rendered.render(cookiecutter=dict(variables)))
    except TemplateError as error:
        raise _mistake(expression.splitlines()[0], error) from error


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
    context = {"cookiecutter": dict(variables)}
    environment = _Environment(keep_trailing_newline=True)
    environment.loader = FileSystemLoader([".", f"../{_INCLUDED}"])
    made = made.resolve()
    with work_in(folder / _PROJECT):
        for path in sorted(_files_in(Path())):
            try:
                _render_file(path, made, context, environment)
            except (TemplateError, UnicodeDecodeError) as error:
                raise _mistake(str(path), error) from error


def _render_file(
    path: Path, made: Path, context: dict[str, dict[str, object]], environment: _Environment
) -> None:
    name = environment.from_string(path.as_posix()).render(**context)
    if "" in name.split("/"):
        return  # so does cookiecutter let a condition in a name leave a file out
    target = made / _inside(name)
    target.parent.mkdir(parents=True, exist_ok=True)
    if is_copy_only_path(str(path), context):
        shutil.copyfile(path, target)
    else:
        generate_file(str(made), str(path), context, environment)


def _inside(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    parts = {part.lower() for part in path.parts}
    if path.is_absolute() or ".." in parts or parts & _FORBIDDEN or "\\" in name or "\0" in name:
        raise DefinitionError(
            f"the template would make {name!r}, which is not a file of the project",
            hint="do not use this template: nothing was made",
        )
    return path


def _project_of(layer: Path) -> Path | None:
    named = (path for path in sorted(layer.iterdir()) if "{{" in path.name and "}}" in path.name)
    return next(named, None)


def _lay(source: Path, target: Path) -> None:
    for path in [source, *sorted(source.rglob("*"))]:
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise DefinitionError(
                f"the template has {path.relative_to(source.parent)}, which is no plain file",
                hint="put a copy of what the link leads to in its place",
            )
        if path.is_file():
            laid = target / path.relative_to(source)
            laid.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, laid)
            laid.chmod(0o755 if os.access(path, os.X_OK) else 0o644)


def _files_in(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def _mistake(where: str, error: Exception) -> DefinitionError:
    cause = str(error).splitlines()
    return DefinitionError(
        f"the template cannot be used: {where}: {cause[0] if cause else type(error).__name__}",
        hint="correct the template, or use another",
    )
