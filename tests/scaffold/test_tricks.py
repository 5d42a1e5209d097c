"""What a template from elsewhere may try against its user."""

import contextlib
import os
import socket
from pathlib import Path

import pytest

from tests.foreign_templates import foreign
from tests.projects import write
from wasmctl import scaffold
from wasmctl.errors import DefinitionError
from wasmctl.scaffold.rendering import LARGEST_FILE

_PROJECT = "{{cookiecutter.name}}"


def _refused(template: Path, match: str) -> DefinitionError:
    """Try to make a project of a template; nothing but the template must be there afterwards."""
    new = template.parent / "new"
    with (
        scaffold.opened(str(template)) as opened,
        pytest.raises(DefinitionError, match=match) as caught,
    ):
        scaffold.create(new, opened, {})
    assert sorted(template.parent.iterdir()) == [template]
    return caught.value


@pytest.mark.parametrize(
    "name",
    [
        "{{ [cookiecutter.flavour, cookiecutter.way]|random }}.txt",
        "{{ cookiecutter.pop('flavour', cookiecutter.way) }}.txt",
    ],
)
def test_a_name_is_what_was_looked_at(tmp_path: Path, name: str) -> None:
    """A name that were rendered twice could be a good one first, and then a bad one."""
    files = {name: "x"}
    template = foreign(tmp_path / "in/theirs", files=files, flavour="plain", way="../../../out")

    for number in range(8):
        with (
            scaffold.opened(str(template)) as opened,
            contextlib.suppress(DefinitionError),
        ):
            scaffold.create(tmp_path / "in/new" / str(number), opened, {})

    assert not list(tmp_path.rglob("out.txt"))


@pytest.mark.parametrize("name", ["a\nb", "a\x1b[31mb", "a\u202egpj.exe", "a\udcff"])
def test_a_name_that_nobody_could_type_is_refused(tmp_path: Path, name: str) -> None:
    template = foreign(tmp_path / "theirs", files={name: "x"})

    refusal = _refused(template, "which nobody could type")

    assert refusal.message.isascii()
    assert refusal.message.isprintable()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("a.txt", "A.txt"),
        ("straße", "STRASSE"),
        ("\u00e9", "e\u0301"),
        ("sub/a", "SUB/b"),
        ("a.txt", "{{'a'}}.txt"),
        ("a", "{{'a'}}/b"),
        ("a/b", "{{'a'}}"),
    ],
)
def test_two_files_in_one_place_are_refused(tmp_path: Path, first: str, second: str) -> None:
    template = foreign(tmp_path / "theirs", files={first: "x", second: "y"})

    _refused(template, "which would be in one place")


def test_a_file_of_an_absolute_name_is_left_out(tmp_path: Path) -> None:
    """So is one in a folder whose name comes out empty, from which it cannot be told."""
    out = tmp_path / "out.txt"
    template = foreign(tmp_path / "theirs", files={"{{cookiecutter.way}}": "x"}, way=str(out))

    with scaffold.opened(str(template)) as opened:
        made = scaffold.create(tmp_path / "new", opened, {})

    assert not out.exists()
    assert "out.txt" not in {path.name for path in made.files}


@pytest.mark.parametrize("kind", ["fifo", "socket"])
def test_what_is_no_plain_file_is_refused(tmp_path: Path, kind: str) -> None:
    template = foreign(tmp_path / "theirs")
    place = template / _PROJECT / "x"
    if kind == "fifo":
        os.mkfifo(place)
    else:
        with socket.socket(socket.AF_UNIX) as opened:
            opened.bind(str(place))

    _refused(template, "which is no plain file")


@pytest.mark.parametrize("folder", [_PROJECT, "templates"])
def test_a_folder_of_the_template_that_is_a_link_is_refused(tmp_path: Path, folder: str) -> None:
    template = tmp_path / "theirs"
    write(template / "cookiecutter.json", '{"name": "new"}')
    if folder != _PROJECT:
        write(template / _PROJECT / "a.txt", "x")
    (template / folder).symlink_to("/etc")

    with (
        scaffold.opened(str(template)) as opened,
        pytest.raises(DefinitionError, match="which is no plain file"),
    ):
        scaffold.create(tmp_path / "new", opened, {})

    assert not (tmp_path / "new").exists()


def test_a_hard_link_is_copied_and_not_shared(tmp_path: Path) -> None:
    """Git brings none; one in a folder is a file like any other, and the project gets its own."""
    template = foreign(tmp_path / "theirs")
    write(tmp_path / "outside.txt", "before")
    (template / _PROJECT / "a.txt").hardlink_to(tmp_path / "outside.txt")

    with scaffold.opened(str(template)) as opened:
        scaffold.create(tmp_path / "new", opened, {})
    (tmp_path / "new/a.txt").write_text("after")

    assert (tmp_path / "outside.txt").read_text() == "before"


def test_a_huge_file_is_refused(tmp_path: Path) -> None:
    template = foreign(tmp_path / "theirs")
    with (template / _PROJECT / "huge.bin").open("wb") as file:
        file.truncate(LARGEST_FILE + 1)

    _refused(template, "huge.bin with 64,000,001 bytes, of 64,000,000 allowed")


@pytest.mark.parametrize(
    "text",
    [
        "{{ 'x' * 9000000000 }}",
        "{{ 9000000000 * 'x' }}",
        "{{ ([1] * 90000) * 90000 }}",
        "{{ 9 ** 999999999 }}",
        "{% for x in range(1000000000) %}x{% endfor %}",
        "{{ 1 / 0 }}",
        "{{ 'a' + 1 }}",
        "{{ {}['a']['b'] }}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    ],
)
def test_an_expression_that_fails_or_grows_is_the_template_s_mistake(
    tmp_path: Path, text: str
) -> None:
    template = foreign(tmp_path / "theirs", files={"a.txt": text})

    _refused(template, r"the template cannot be used: a\.txt: ")


def test_a_file_that_is_no_text_is_told_with_what_to_do(tmp_path: Path) -> None:
    template = foreign(tmp_path / "theirs")
    (template / _PROJECT / "a.txt").write_bytes(b"\xe9t\xe9 {{ cookiecutter.name }}\n" * 9)

    refusal = _refused(template, "a.txt: 'utf-8' codec can't decode")

    assert refusal.hint == "write that file as UTF-8, or name it in _copy_without_render"


def test_pictures_and_line_ends_stay_as_they_are(tmp_path: Path) -> None:
    template = foreign(tmp_path / "theirs")
    picture = bytes(range(256)) * 4
    (template / _PROJECT / "a.png").write_bytes(picture)
    (template / _PROJECT / "b.bat").write_bytes(b"echo {{cookiecutter.name}}\r\nexit\r\n")

    with scaffold.opened(str(template)) as opened:
        scaffold.create(tmp_path / "new", opened, {})

    assert (tmp_path / "new/a.png").read_bytes() == picture
    assert (tmp_path / "new/b.bat").read_bytes() == b"echo new\r\nexit\r\n"


def test_what_may_be_run_stays_so(tmp_path: Path) -> None:
    template = foreign(tmp_path / "theirs", files={"run.sh": "#!/bin/sh\n"})
    (template / _PROJECT / "run.sh").chmod(0o755)

    with scaffold.opened(str(template)) as opened:
        scaffold.create(tmp_path / "new", opened, {})

    assert os.access(tmp_path / "new/run.sh", os.X_OK)
    assert not os.access(tmp_path / "new/notes.txt", os.X_OK)
