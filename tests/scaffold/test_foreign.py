"""Templates from elsewhere: what they may do, and what they may not."""

from pathlib import Path

import pytest

from tests.foreign_templates import foreign
from tests.projects import write
from wasmctl import scaffold
from wasmctl.errors import (
    BuildFailedError,
    DefinitionError,
    FilesError,
    UsageError,
)


def _made(word: str | Path, folder: Path, *, trust_hooks: bool = False) -> dict[str, str]:
    with scaffold.opened(str(word)) as template:
        made = scaffold.create(folder, template, {}, trust_hooks=trust_hooks)
    return {path.as_posix(): (folder / path).read_text() for path in made.files}


def test_a_folder_is_a_template(tmp_path: Path) -> None:
    made = _made(foreign(tmp_path / "theirs"), tmp_path / "new")

    assert made["notes.txt"] == "new is plain\n"
    assert ".wasmctl/project.schema.json" in made


def test_a_template_names_the_language_whose_sdk_it_needs(tmp_path: Path) -> None:
    template = foreign(tmp_path / "theirs", _language="assemblyscript")

    assert "assembly/proxy-wasm/VERSION" in _made(template, tmp_path / "new")


def test_variables_that_nobody_is_asked_for_are_there_as_in_cookiecutter(tmp_path: Path) -> None:
    files = {"a.txt": "{{cookiecutter.__slug}} {{cookiecutter.__twice}} {{cookiecutter._year}}"}
    hidden = {"__slug": "{{cookiecutter.name|upper}}", "__twice": "{{cookiecutter.__slug * 2}}"}
    template = foreign(tmp_path / "theirs", files=files, _year="{{ as it is }}", **hidden)

    assert _made(template, tmp_path / "new")["a.txt"] == "NEW NEWNEW {{ as it is }}"


def test_what_is_no_jinja_is_copied_as_it_is(tmp_path: Path) -> None:
    files = {"raw/a.txt": "{{ nothing }}"}
    template = foreign(tmp_path / "theirs", files=files, _copy_without_render=["raw/*"])

    assert _made(template, tmp_path / "new")["raw/a.txt"] == "{{ nothing }}"


def test_a_name_that_comes_out_empty_leaves_a_file_out(tmp_path: Path) -> None:
    name = "{% if cookiecutter.flavour == 'sour' %}lemon.txt{% endif %}"
    template = foreign(tmp_path / "theirs", files={name: "x", "a{{''}}.txt": "x"})

    made = _made(template, tmp_path / "new")

    assert "a.txt" in made
    assert not any("lemon" in path for path in made)


@pytest.mark.parametrize(
    "name",
    [
        "{{'..'}}/out.txt",
        "a/{{'../..'}}/out.txt",
        ".git/hooks/pre-commit",
        "{{'.GIT'}}/config",
        "a\\b.txt",
        "{{cookiecutter.way}}/out.txt",
    ],
)
def test_a_file_outside_the_project_is_refused(tmp_path: Path, name: str) -> None:
    template = foreign(tmp_path / "in/theirs", files={name: "x"}, way="../..")

    with pytest.raises(DefinitionError, match="not a file of the project"):
        _made(template, tmp_path / "in/new")

    assert sorted(path.name for path in tmp_path.iterdir()) == ["in"]
    assert sorted(path.name for path in (tmp_path / "in").iterdir()) == ["theirs"]


@pytest.mark.parametrize("target", ["/etc/passwd", "..", "notes.txt"])
def test_a_link_in_a_template_is_refused(tmp_path: Path, target: str) -> None:
    template = foreign(tmp_path / "theirs")
    (template / "{{cookiecutter.name}}/link").symlink_to(target)

    with pytest.raises(DefinitionError, match="which is no plain file"):
        _made(template, tmp_path / "new")

    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ cookiecutter.__init__.__globals__ }}",
        "{{ [].append.__self__.__class__ }}",
        "{% for x in y %}",
        "{{ unknown }}",
        "{% include '/etc/passwd' %}",
        "{% include '../../../../../../etc/passwd' %}",
    ],
)
def test_a_template_reaches_nothing_but_its_own(tmp_path: Path, text: str) -> None:
    template = foreign(tmp_path / "theirs", files={"a.txt": text})

    with pytest.raises(DefinitionError, match=r"the template cannot be used: .*a\.txt"):
        _made(template, tmp_path / "new")

    assert not (tmp_path / "new").exists()


def test_a_default_reaches_nothing_either(tmp_path: Path) -> None:
    template = foreign(tmp_path / "theirs", flavour="{{ ''.__class__.__mro__ }}")

    with pytest.raises(DefinitionError, match="the template cannot be used"):
        _made(template, tmp_path / "new")


def test_extensions_of_a_template_are_not_loaded(tmp_path: Path) -> None:
    template = foreign(tmp_path / "theirs", _extensions=["antigravity.Nowhere"])

    assert "notes.txt" in _made(template, tmp_path / "new")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "is no template: it has no cookiecutter.json"),
        ("{", "is not JSON"),
        ("[]", "is not an object"),
        ('{"depth": {"a": 1}}', "depth is neither a text nor a list of texts"),
        ("{}", "it has no files in a folder"),
    ],
)
def test_what_is_no_template_is_refused(tmp_path: Path, content: str | None, message: str) -> None:
    if content is None:
        (tmp_path / "theirs").mkdir()
    else:
        write(tmp_path / "theirs/cookiecutter.json", content)

    with pytest.raises(DefinitionError, match=message):
        _made(tmp_path / "theirs", tmp_path / "new")


def test_a_word_that_is_no_choice_is_refused(tmp_path: Path) -> None:
    template = foreign(tmp_path / "theirs", flavour=["sweet", "sour"])

    with (
        scaffold.opened(str(template)) as opened,
        pytest.raises(UsageError, match="flavour cannot be 'salt'") as caught,
    ):
        scaffold.answers(opened, {"flavour": "salt"})

    assert caught.value.hint == "known are sweet, sour"


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(FilesError, match="no folder"):
        _made(tmp_path / "nowhere", tmp_path / "new")


def test_hooks_run_in_the_project_with_trust(tmp_path: Path) -> None:
    hook = "cat notes.txt > said.txt; echo {{cookiecutter.flavour}} >> said.txt"
    template = foreign(tmp_path / "theirs", hook=hook)

    made = _made(template, tmp_path / "new", trust_hooks=True)

    assert made["said.txt"] == "new is plain\nplain\n"


def test_a_hook_that_fails_leaves_nothing(tmp_path: Path) -> None:
    template = foreign(tmp_path / "theirs", hook="echo no luck; exit 3")

    with pytest.raises(BuildFailedError, match="failed with exit code 3") as caught:
        _made(template, tmp_path / "new", trust_hooks=True)

    assert caught.value.details == ("no luck",)
    assert not (tmp_path / "new").exists()


def test_a_folder_of_links_keeps_a_project_in_its_place(tmp_path: Path) -> None:
    template = foreign(tmp_path / "theirs", files={"sub/a.txt": "x"})
    (tmp_path / "outside").mkdir()
    (tmp_path / "new").mkdir()
    (tmp_path / "new/sub").symlink_to(tmp_path / "outside")

    with (
        scaffold.opened(str(template)) as opened,
        pytest.raises(FilesError, match="would be made in"),
    ):
        scaffold.create(tmp_path / "new", opened, {}, existing=scaffold.Existing.OVERWRITE)

    assert list((tmp_path / "outside").iterdir()) == []
