"""The templates that wasmctl ships.

Under ``templates/``, a template is made of layers, from what all projects share to what is its
own: ``_every``, ``_kinds/<template>``, ``<language>/_every``, ``<language>/<part>`` and
``<language>/<template>``. A kind says what a template does in any language: what it asks, its
configuration and scenarios, and by ``_parts`` which parts of a language its projects need.
"""

from collections.abc import Iterable
from pathlib import Path

from wasmctl import spelling
from wasmctl.errors import UsageError
from wasmctl.languages import LANGUAGES
from wasmctl.scaffold import template
from wasmctl.scaffold.template import Template

# The template of each language that is taken where none is named; it comes first in lists.
DEFAULT_TEMPLATE = "http-headers"

# What people call languages besides.
ALIASES = {
    **dict.fromkeys(("as", "asc", "ts", "typescript"), "assemblyscript"),
    "golang": "go",
    "rs": "rust",
}

_PACKAGE = Path(__file__).parents[1]
_SHARED = "_"


def templates_root() -> Path:
    """Return the folder of the built-in templates: inside the wheel, or in a checkout."""
    packaged = _PACKAGE / "_templates"
    return packaged if packaged.is_dir() else _PACKAGE.parent / "templates"


def schemas() -> list[Path]:
    """Return the schemas that every project gets, for its editor."""
    return sorted((_PACKAGE / "schemas").glob("*.json"))


def templates() -> tuple[Template, ...]:
    """Return the built-in templates, those of the default language first."""
    return tuple(found for language in LANGUAGES for found in _templates_of(language))


def find(language: str | None, name: str | None) -> Template:
    """Return the template of a name; where a word is not given, the first there is.

    Raises UsageError, with the nearest known word, where there is none.
    """
    language = _language(language or next(iter(LANGUAGES)))
    of_language = {found.name: found for found in _templates_of(language)}
    name = name or next(iter(of_language))
    if name not in of_language:
        hint = _meant(name, of_language)
        raise UsageError(f"no template for {language} is called {name!r}", hint=hint)
    return of_language[name]


def _language(word: str) -> str:
    name = ALIASES.get(word.lower(), word.lower())
    if name not in LANGUAGES:
        hint = spelling.suggestion(name, LANGUAGES)
        raise UsageError(f"no language is called {word!r}", hint=hint)
    return name


def _meant(name: str, known: Iterable[str]) -> str:
    """Say what a word was probably meant to be that is no template's name."""
    if name in LANGUAGES or name in ALIASES:
        return f"{name} is a language: write --lang {name}"
    if Path(name).is_dir():
        return f"a folder has a slash in it: write ./{name}"
    holding = [each for each in known if name in each]
    return f"did you mean {holding[0]!r}?" if holding else spelling.suggestion(name, known)


def _templates_of(language: str) -> list[Template]:
    folders = (templates_root() / language).iterdir()
    names = [path.name for path in folders if not path.name.startswith(_SHARED)]
    in_order = sorted(names, key=lambda name: (name != DEFAULT_TEMPLATE, name))
    return [_template(language, name) for name in in_order]


def _template(language: str, name: str) -> Template:
    root = templates_root()
    kind = root / "_kinds" / name
    parts = template.parts(kind)
    of_language = ("_every", *parts, name)
    layers = (root / "_every", kind, *(root / language / folder for folder in of_language))
    there = tuple(layer for layer in layers if layer.is_dir())
    return template.read(name, there, language=language, is_foreign=False)
