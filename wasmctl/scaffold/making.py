"""Template and answers to a project folder."""

import contextlib
import json
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cookiecutter.generate import generate_files
from cookiecutter.prompt import render_variable
from cookiecutter.utils import create_env_with_context

from wasmctl import files, spelling
from wasmctl.errors import FilesError, UsageError
from wasmctl.languages import LANGUAGES

# The template of each language that is taken where none is named; it comes first in lists.
DEFAULT_TEMPLATE = "http-headers"

# The variable that every template has: the project's name.
NAME = "name"

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_NOT_IN_A_LABEL = re.compile(r"[^a-z0-9]+")
_LONGEST_LABEL = 63


@dataclass(frozen=True, kw_only=True)
class Template:
    """A kind of project that ``init`` can make.

    Attributes:
        variables: what it asks, NAME first, and the defaults; a default may be made of the
            answers before it, by Jinja.

    """

    language: str
    name: str
    folder: Path
    variables: Mapping[str, str]

    @property
    def description(self) -> str:
        """What its projects do, in a sentence."""
        return self.variables["description"]


@dataclass(frozen=True, kw_only=True)
class Made:
    """A new project: its folder, and the files in it, relative to that and sorted."""

    folder: Path
    files: tuple[Path, ...]


def templates_root() -> Path:
    """Return the folder of the built-in templates: inside the wheel, or in a checkout."""
    here = Path(__file__).parent
    packaged = here / "_templates"
    return packaged if packaged.is_dir() else here.parent / "templates"


def templates() -> tuple[Template, ...]:
    """Return the built-in templates, those of the default language first."""
    return tuple(template for language in LANGUAGES for template in _templates_of(language))


def find(language: str | None, name: str | None) -> Template:
    """Return the template of a name; where a word is not given, the first there is.

    Raises UsageError, with the nearest known word, where there is none.
    """
    language = language or next(iter(LANGUAGES))
    if language not in LANGUAGES:
        hint = spelling.suggestion(language, LANGUAGES)
        raise UsageError(f"no language is called {language!r}", hint=hint)
    of_language = {template.name: template for template in _templates_of(language)}
    name = name or next(iter(of_language))
    if name not in of_language:
        hint = spelling.suggestion(name, of_language)
        raise UsageError(f"no template for {language} is called {name!r}", hint=hint)
    return of_language[name]


def name_for(folder: Path) -> str:
    """Return the project name that a folder's own name suggests."""
    words = _NOT_IN_A_LABEL.sub("-", folder.resolve().name.lower()).strip("-")
    return words[:_LONGEST_LABEL].strip("-") or "plugin"


def check_name(name: str) -> str:
    """Return a project's name. Raises UsageError where it is no DNS-1123 label."""
    if not _LABEL.fullmatch(name):
        raise UsageError(
            f"{name!r} cannot be a project's name",
            hint="use a-z, 0-9 and inner hyphens, 63 at most: it will name images and objects",
        )
    return name


def check_folder(folder: Path) -> None:
    """Raise FilesError unless a project can be made at ``folder``: absent, or empty."""
    try:
        is_free = not folder.exists() or not any(folder.iterdir())
    except OSError as error:
        raise files.refusal(error, "create a project in", folder) from error
    if not is_free:
        raise FilesError(
            f"{folder} is not empty", hint="name a new folder, or empty that one first"
        )


def answers(template: Template, given: Mapping[str, str]) -> dict[str, str]:
    """Return an answer to all that a template asks: what is given, else the default.

    Raises UsageError where something is given that it does not ask.
    """
    for key in given:
        if key not in template.variables:
            hint = spelling.suggestion(key, template.variables)
            raise UsageError(f"the template {template.name} has no variable {key!r}", hint=hint)
    result: dict[str, str] = {}
    environment = create_env_with_context({"cookiecutter": {}})
    for key, default in template.variables.items():
        # What is given is taken literally: only a default may be a Jinja expression.
        result[key] = given[key] if key in given else render_variable(environment, default, result)
    return result


def create(folder: Path, template: Template, given: Mapping[str, str]) -> Made:
    """Make a project at ``folder``: all of it, or nothing.

    Raises UsageError as ``answers`` does, FilesError where the folder cannot be used.
    """
    # Made on the disk of the project, so that it only has to be renamed.
    with _rendered(folder, template, given, is_near=True) as made:
        found = _names(made)
        _publish(made, folder.resolve())
    return Made(folder=folder, files=found)


def preview(folder: Path, template: Template, given: Mapping[str, str]) -> Made:
    """Return what ``create`` would make at ``folder``; raises as it does, and makes nothing."""
    with _rendered(folder, template, given, is_near=False) as made:
        return Made(folder=folder, files=_names(made))


def _templates_of(language: str) -> list[Template]:
    folders = (path.parent for path in (templates_root() / language).glob("*/cookiecutter.json"))
    in_order = sorted(folders, key=lambda folder: (folder.name != DEFAULT_TEMPLATE, folder.name))
    return [_template(language, folder) for folder in in_order]


def _template(language: str, folder: Path) -> Template:
    asked = json.loads(files.read(folder / "cookiecutter.json"))
    variables = {key: value for key, value in asked.items() if not key.startswith("_")}
    return Template(language=language, name=folder.name, folder=folder, variables=variables)


@contextlib.contextmanager
def _rendered(
    folder: Path, template: Template, given: Mapping[str, str], *, is_near: bool
) -> Iterator[Path]:
    """Give the project, made in a folder that is gone afterwards; ``is_near`` to its place."""
    answered = answers(template, given)
    check_name(answered[NAME])
    check_folder(folder)
    try:
        near = _existing(folder.resolve()) if is_near else None
        with tempfile.TemporaryDirectory(dir=near, prefix=".wasmctl-init-") as stage:
            yield _render(template, answered, Path(stage))
    except OSError as error:
        raise files.refusal(error, "create", folder) from error


def _names(made: Path) -> tuple[Path, ...]:
    return tuple(sorted(path.relative_to(made) for path in _files_in(made)))


def _existing(place: Path) -> Path:
    return next(path for path in (place, *place.parents) if path.exists())


def _render(template: Template, answered: Mapping[str, str], stage: Path) -> Path:
    # generate_files alone: cookiecutter's own entry point reads and writes the user's home.
    context = {"cookiecutter": dict(answered)}
    made = Path(generate_files(template.folder, context, stage, accept_hooks=False))
    sdk_folder = LANGUAGES[template.language].sdk_folder
    if sdk_folder is not None:
        _copy(templates_root() / template.language / "_sdk", made / sdk_folder)
    for schema in (Path(__file__).parent / "schemas").glob("*.json"):
        _copy(schema, made / ".wasmctl" / f"{schema.stem}.schema.json")
    for path in made.rglob("*"):
        path.chmod(path.stat().st_mode | stat.S_IWUSR)  # what we copied may be read-only
    return made


def _copy(source: Path, target: Path) -> None:
    for path in [source, *_files_in(source)]:
        if path.is_file():
            copied = target / path.relative_to(source)
            copied.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copied)


def _files_in(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def _publish(made: Path, place: Path) -> None:
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        made.rename(place)
        return
    # The folder that is there stays the one it is: a shell may stand in it.
    entries = list(made.iterdir())
    try:
        for path in entries:
            path.rename(place / path.name)
    except BaseException:
        for path in entries:
            _remove(place / path.name)
        raise


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
