import json
import os
import stat
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.projects import write
from wasmctl import project, scaffold
from wasmctl.errors import FilesError, UsageError
from wasmctl.languages import LANGUAGES

_TEMPLATES = pytest.mark.parametrize(
    "template", scaffold.templates(), ids=lambda template: f"{template.language}-{template.name}"
)
# Files of these kinds must be whole, whatever stands in them.
_READERS: dict[str, Callable[[str], Any]] = {".json": json.loads, ".toml": tomllib.loads}
_WORKFLOW = ["build", "check", "test", "login", "push"]
_HEADERS = scaffold.find("assemblyscript", "http-headers")


def test_the_default_template_comes_first() -> None:
    assert scaffold.templates()[0] == _HEADERS
    assert scaffold.find(None, None) == _HEADERS


@_TEMPLATES
def test_every_template_asks_for_a_name_and_a_description(template: scaffold.Template) -> None:
    assert list(template.variables)[:2] == [scaffold.NAME, "description"]
    assert all(isinstance(default, str) for default in template.variables.values())


@_TEMPLATES
def test_a_made_project_is_a_valid_one(template: scaffold.Template, tmp_path: Path) -> None:
    scaffold.create(tmp_path / "new", template, {"name": "edge-auth"})

    made = project.load(tmp_path / "new")
    assert made.name == "edge-auth"
    assert made.file.project.language == template.language
    assert made.configuration()


@_TEMPLATES
def test_a_made_project_has_all_that_a_project_needs(
    template: scaffold.Template, tmp_path: Path
) -> None:
    made = scaffold.create(tmp_path / "new", template, {})

    names = {path.as_posix() for path in made.files}
    assert {"README.md", ".gitignore", ".editorconfig", "wasmctl.toml"} <= names
    assert {".wasmctl/project.schema.json", ".wasmctl/scenario.schema.json"} <= names
    assert any(name.endswith(".wasmtest.yaml") for name in names)
    assert all((tmp_path / "new" / path).is_file() for path in made.files)


@_TEMPLATES
def test_nothing_of_the_template_language_is_left_in_a_project(
    template: scaffold.Template, tmp_path: Path
) -> None:
    made = scaffold.create(tmp_path / "new", template, {})

    for path in made.files:
        assert "cookiecutter" not in (tmp_path / "new" / path).read_text()


@_TEMPLATES
def test_a_projects_workflow_builds_checks_tests_and_pushes(
    template: scaffold.Template, tmp_path: Path
) -> None:
    scaffold.create(tmp_path / "new", template, {})

    text = (tmp_path / "new/.github/workflows/ci.yml").read_text()
    steps = yaml.safe_load(text)["jobs"]["plugin"]["steps"]
    commands = [step["run"] for step in steps if "run" in step]
    ours = [line for command in commands for line in command.splitlines() if "wasmctl " in line]
    assert [line.split("wasmctl ")[1].split()[0] for line in ours] == _WORKFLOW
    assert "${{ vars.IMAGE }}" in text


def test_the_sdk_comes_with_the_project(tmp_path: Path) -> None:
    scaffold.create(tmp_path / "new", _HEADERS, {})

    of_package = scaffold.templates_root() / "assemblyscript/_sdk/proxy-wasm"
    of_project = tmp_path / "new/assembly/proxy-wasm"
    assert (of_project / "VERSION").read_bytes() == (of_package / "VERSION").read_bytes()
    assert (of_project / "index.ts").is_file()


@pytest.mark.parametrize(
    "description", ['say "hi"\n\\', "{{ cookiecutter.name }}", "{% raw", "ж\0😀"]
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_answers_are_taken_literally(tmp_path: Path, description: str, language: str) -> None:
    template = scaffold.find(language, "http-headers")

    made = scaffold.create(tmp_path / "new", template, {"description": description})

    manifests = [tmp_path / "new" / path for path in made.files if path.suffix in _READERS]
    assert [_READERS[path.suffix](path.read_text()) for path in manifests if path.is_file()]
    assert description in (tmp_path / "new/README.md").read_text()
    project.load(tmp_path / "new")


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("edge-auth", "edge-auth"),
        ("Edge_Auth 2", "edge-auth-2"),
        ("--x--", "x"),
        ("плагин", "plugin"),
        ("a" * 80, "a" * 63),
        ("a" * 62 + "-b", "a" * 62),
    ],
)
def test_a_folder_suggests_a_name(tmp_path: Path, folder: str, name: str) -> None:
    assert scaffold.name_for(tmp_path / folder) == name
    assert scaffold.check_name(name) == name


@pytest.mark.parametrize("name", ["", "A", "a_b", "-a", "a-", "a" * 64, "a\n", "ä", "a.b"])
def test_a_name_that_is_no_dns_label_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="cannot be a project's name"):
        scaffold.create(tmp_path / "new", _HEADERS, {"name": name})

    assert list(tmp_path.iterdir()) == []


def test_an_unknown_variable_is_named_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="has no variable 'descripton'") as caught:
        scaffold.create(tmp_path / "new", _HEADERS, {"descripton": "x"})

    assert caught.value.hint == "did you mean 'description'?"


@pytest.mark.parametrize(
    ("language", "template", "message"),
    [
        ("assemblyscirpt", None, "no language is called 'assemblyscirpt'"),
        ("assemblyscript", "http-header", "is called 'http-header'"),
    ],
)
def test_an_unknown_template_is_named_with_the_nearest(
    language: str, template: str | None, message: str
) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        scaffold.find(language, template)

    assert caught.value.hint.startswith("did you mean")


@pytest.mark.parametrize("entry", ["README.md", ".git/HEAD"])
def test_a_folder_with_anything_in_it_is_refused_untouched(tmp_path: Path, entry: str) -> None:
    write(tmp_path / "there" / entry, "mine")

    with pytest.raises(FilesError, match="is not empty"):
        scaffold.create(tmp_path / "there", _HEADERS, {})

    assert (tmp_path / "there" / entry).read_text() == "mine"
    assert len(list((tmp_path / "there").iterdir())) == 1


def test_an_empty_folder_is_filled_and_stays_the_same_folder(tmp_path: Path) -> None:
    before = tmp_path.stat().st_ino

    scaffold.create(tmp_path, _HEADERS, {})

    assert tmp_path.stat().st_ino == before
    assert not any(path.name.startswith(".wasmctl-init") for path in tmp_path.iterdir())


def test_folders_above_are_made(tmp_path: Path) -> None:
    scaffold.create(tmp_path / "a/b/c", _HEADERS, {})

    assert (tmp_path / "a/b/c/wasmctl.toml").is_file()
    assert [path.name for path in (tmp_path / "a/b").iterdir()] == ["c"]


def test_a_link_to_an_empty_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")

    scaffold.create(tmp_path / "link", _HEADERS, {})

    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real/wasmctl.toml").is_file()


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_file_in_the_way_is_an_error_of_files(tmp_path: Path, place: str) -> None:
    write(tmp_path / "file", "mine")

    with pytest.raises(FilesError, match="Not a directory"):
        scaffold.create(tmp_path / place, _HEADERS, {})

    assert (tmp_path / "file").read_text() == "mine"


def test_a_project_is_made_with_the_users_own_permissions(tmp_path: Path) -> None:
    made = scaffold.create(tmp_path / "new", _HEADERS, {})

    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(made.folder.stat().st_mode) == 0o777 & ~umask
    assert all((made.folder / path).stat().st_mode & stat.S_IWUSR for path in made.files)
