"""What must hold of every language in the table."""

from pathlib import Path
from typing import get_args

import pytest

from wasmctl.languages import LANGUAGES
from wasmctl.languages.base import ANYWHERE, Language
from wasmctl.project import LanguageName

_EACH = pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)


def test_the_project_file_knows_the_same_languages() -> None:
    assert set(get_args(LanguageName)) == set(LANGUAGES)


@_EACH
def test_every_command_starts_with_a_tool(language: Language) -> None:
    names = {tool.name for tool in language.tools}

    commands = (language.fetch.pinned, language.fetch.unpinned, language.compile(ANYWHERE))
    for command in commands:
        assert command.tool in names


@_EACH
def test_the_compile_command_names_where_its_output_is(language: Language) -> None:
    words = language.compile(ANYWHERE).words

    made = language.made(ANYWHERE)
    assert sum(made == word or made.startswith(f"{word}/") for word in words) == 1


@_EACH
def test_each_has_the_image_of_its_tools(language: Language) -> None:
    folder = Path(__file__).parents[2] / "wasmctl/languages/images"

    dockerfile = (folder / f"{language.name}.Dockerfile").read_text()

    assert "\nFROM debian:13-slim\n" in dockerfile


@_EACH
def test_the_files_that_name_the_packages_are_inputs(language: Language) -> None:
    assert {language.fetch.manifest, language.fetch.lock} <= set(language.inputs)


@_EACH
def test_each_has_a_default_template(language: Language) -> None:
    templates = Path(__file__).parents[2] / "templates" / language.name

    assert (templates / "http-headers").is_dir()
