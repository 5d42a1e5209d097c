"""What a template is and asks."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wasmctl import files, spelling
from wasmctl.errors import DefinitionError, UsageError
from wasmctl.scaffold import rendering

# The hooks of a template are called this, whatever their suffix.
BEFORE, AFTER = "pre_gen_project", "post_gen_project"

# The file of a template that says what it asks; those that cookiecutter reads have it, too.
QUESTIONS = "cookiecutter.json"


@dataclass(frozen=True, kw_only=True)
class Template:
    """A kind of project that ``init`` can make.

    Attributes:
        language: whose SDK comes with the project; empty where a foreign template has it all.
        layers: folders laid over each other, of whose files of one name the last is taken. Each
            may have a folder ``{{cookiecutter.name}}``, the project, and one called ``templates``
            with what its files include.
        variables: what it asks, and the defaults; a default may be made of the answers before it,
            by Jinja. Built-in templates ask for NAME first.
        choices: the words that may answer a variable, where not any text may.
        copied: globs of the files that are no Jinja templates.
        derived: variables that nobody is asked for, made of the answers; cookiecutter's ``__x``.
        constants: what files may use as it stands; cookiecutter's ``_x``.
        is_foreign: whether it came with something else than wasmctl.

    """

    language: str
    name: str
    layers: tuple[Path, ...]
    variables: Mapping[str, str]
    choices: Mapping[str, tuple[str, ...]]
    copied: tuple[str, ...] = ()
    derived: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, object] = field(default_factory=dict)
    is_foreign: bool = False

    @property
    def hooks(self) -> tuple[Path, ...]:
        """The programs that it brings, to be run before and after the files are made."""
        if not self.is_foreign:
            return ()
        found = (path for layer in self.layers for path in sorted((layer / "hooks").glob("*")))
        # An editor's copy of the old one, post_gen_project.sh~, is no hook.
        return tuple(
            path
            for path in found
            if path.stem in {BEFORE, AFTER} and path.is_file() and not path.name.endswith("~")
        )

    @property
    def description(self) -> str:
        """What its projects do, in a sentence."""
        return self.variables.get("description", "")


def read(name: str, layers: tuple[Path, ...], *, language: str, is_foreign: bool) -> Template:
    """Return the template that these folders make.

    Raises DefinitionError where they are none, or ask for what nobody can type.
    """
    asked = _asked(layers)
    own = {key: value for key, value in asked.items() if not key.startswith("_")}
    return Template(
        language=language or str(asked.get("_language", "")),
        name=name,
        layers=layers,
        variables={key: _default(layers[-1], key, value) for key, value in own.items()},
        choices={key: tuple(map(str, v)) for key, v in own.items() if isinstance(v, list)},
        copied=tuple(map(str, asked.get("_copy_without_render", ()))),
        derived={
            key: value
            for key, value in asked.items()
            if key.startswith("__") and isinstance(value, str)
        },
        constants={key: value for key, value in asked.items() if key.startswith("_")},
        is_foreign=is_foreign,
    )


def parts(kind: Path) -> tuple[str, ...]:
    """Return the folders of shared files that a kind of built-in template names."""
    return tuple(_asked((kind,)).get("_parts", ())) if kind.is_dir() else ()


def _asked(layers: tuple[Path, ...]) -> dict[str, Any]:
    path = next(
        (layer / QUESTIONS for layer in reversed(layers) if (layer / QUESTIONS).is_file()), None
    )
    if path is None:
        raise DefinitionError(
            f"{layers[-1]} is no template: it has no {QUESTIONS}",
            hint="name a folder with that file, and one called {{cookiecutter.name}} beside it",
        )
    try:
        asked = json.loads(files.read(path))
    except ValueError as error:
        raise DefinitionError(
            f"{path} is not JSON: {error}", hint="correct the file there"
        ) from error
    if not isinstance(asked, dict):
        raise DefinitionError(f"{path} is not an object", hint="map variables to their defaults")
    return asked


def _default(folder: Path, key: str, value: Any) -> str:  # noqa: ANN401 - parsed JSON
    match value:
        case str():
            return value
        case [str() as first, *rest] if all(isinstance(word, str) for word in rest):
            return first
    raise DefinitionError(
        f"{folder / QUESTIONS}: {key} is neither a text nor a list of texts",
        hint="let the variable have a default, or the words among which one is chosen",
    )


def answers(template: Template, given: Mapping[str, str]) -> dict[str, str]:
    """Return an answer to all that a template asks: what is given, else the default.

    Raises UsageError where something is given that it does not ask, or that is no choice.
    """
    for key in given:
        if key not in template.variables:
            hint = spelling.suggestion(key, template.variables)
            raise UsageError(f"the template {template.name} has no variable {key!r}", hint=hint)
    result: dict[str, str] = {}
    for key, default in template.variables.items():
        # What is given is taken literally: only a default may be a Jinja expression.
        result[key] = given[key] if key in given else rendering.default(default, result)
        _check_choice(template, key, result[key])
    return result


def _check_choice(template: Template, key: str, answer: str) -> None:
    if key in template.choices and answer not in template.choices[key]:
        hint = f"known are {', '.join(template.choices[key])}"
        raise UsageError(f"{key} cannot be {answer!r}", hint=hint)
