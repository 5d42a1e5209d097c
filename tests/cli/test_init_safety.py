"""What ``wasmctl init`` leaves, refuses and derives: a user's files, hooks, names."""

import json
import os
import re
import tomllib
from pathlib import Path

import pytest

from tests.command import wasmctl
from tests.foreign_templates import foreign
from tests.git_server import commit, served
from tests.projects import write
from wasmctl import scaffold
from wasmctl.languages import LANGUAGES


def _snapshot(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Return what is in a folder, to the last bit: kinds, modes, times, contents."""
    return {
        str(path.relative_to(folder)): (
            path.lstat().st_mode,
            path.lstat().st_mtime_ns,
            path.read_bytes() if path.is_file() and not path.is_symlink() else b"",
        )
        for path in sorted(folder.rglob("*"))
    }


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A folder with a user's own files, some of them where a project has others."""
    folder = tmp_path / "mine"
    write(folder / "README.md", "mine\n")
    write(folder / "src/deep/a.txt", "mine\n")
    write(folder / "wasmctl.toml", "mine\n")
    (folder / "wasmctl.toml").chmod(0o400)
    (folder / "link").symlink_to("README.md")
    return folder


@pytest.mark.parametrize("options", [[], ["--into-existing=fail"], ["--dry-run"]])
def test_fail_changes_nothing_at_all(mine: Path, options: list[str]) -> None:
    before, of_folder = _snapshot(mine), mine.stat().st_mtime_ns

    finished = wasmctl("init", "mine", *options, folder=mine.parent)

    cause, remedy = finished.stderr.splitlines()
    assert finished.returncode == 16
    assert cause == "error: mine is not empty"
    assert "--into-existing skip" in remedy
    assert _snapshot(mine) == before
    assert mine.stat().st_mtime_ns == of_folder
    assert [path.name for path in mine.parent.iterdir()] == ["mine"]


def test_skip_keeps_every_bit_of_what_is_there(mine: Path) -> None:
    before = _snapshot(mine)

    finished = wasmctl("init", ".", "--into-existing=skip", "--format=json", folder=mine)

    after = _snapshot(mine)
    assert finished.returncode == 0
    assert json.loads(finished.stdout)["kept"] == ["README.md", "wasmctl.toml"]
    assert {path: after[path] for path in before if path != "src"} == {
        path: before[path] for path in before if path != "src"
    }
    assert len(after) > len(before)


def test_overwrite_replaces_what_the_template_has_and_nothing_else(mine: Path) -> None:
    before = _snapshot(mine)

    finished = wasmctl("init", ".", "--into-existing=overwrite", "--format=json", folder=mine)

    after, made = _snapshot(mine), json.loads(finished.stdout)
    assert made["replaced"] == ["README.md", "wasmctl.toml"]
    assert {path for path in before if after[path] != before[path]} == set(made["replaced"])
    assert after["wasmctl.toml"][2] != b"mine\n"


@pytest.mark.parametrize("policy", ["skip", "overwrite"])
@pytest.mark.parametrize("way", ["file for a folder", "folder for a file"])
def test_what_is_of_another_kind_is_refused_and_nothing_is_changed(
    tmp_path: Path, policy: str, way: str
) -> None:
    mine = tmp_path / "mine"
    if way == "file for a folder":
        write(mine / "config", "mine")
    else:
        write(mine / "README.md/a.txt", "mine")
    before = _snapshot(mine)

    finished = wasmctl("init", ".", f"--into-existing={policy}", folder=mine)

    assert finished.returncode == 16
    assert len(finished.stderr.splitlines()) == 2
    assert _snapshot(mine) == before


@pytest.mark.parametrize("options", [["--dry-run"], ["--dry-run", "--into-existing=skip"], []])
def test_no_temporary_folder_is_left(tmp_path: Path, options: list[str]) -> None:
    temporary, work = tmp_path / "temporary", tmp_path / "work"
    temporary.mkdir()
    work.mkdir()
    template = foreign(tmp_path / "theirs", hook="exit 1")
    commit(template, "one")
    environment = {"TMPDIR": str(temporary)}

    for word in (template, f"git+file://{template}", f"git+file://{template}@nothing"):
        wasmctl("init", "a", "--template", word, *options, folder=work, environment=environment)
        wasmctl(
            *("init", "b", "--trust-hooks", "--template", word, *options),
            folder=work,
            environment=environment,
        )

    assert list(temporary.iterdir()) == []
    assert [path.name for path in work.iterdir()] == ([] if options else ["a"])


def test_a_dry_run_runs_no_hook(tmp_path: Path) -> None:
    template = foreign(tmp_path / "theirs", hook=f"touch {tmp_path}/ran")

    wasmctl("init", "a", "--dry-run", "--trust-hooks", "--template", template, folder=tmp_path)

    assert not (tmp_path / "ran").exists()


def test_hooks_run_before_and_after_in_python_and_shell(tmp_path: Path) -> None:
    template = foreign(tmp_path / "theirs", hook="cat before.txt notes.txt > after.txt")
    source = "import pathlib; pathlib.Path('before.txt').write_text('{{cookiecutter.flavour}}\\n')"
    write(template / "hooks/pre_gen_project.py", source)
    write(template / "hooks/post_gen_project.sh~", "exit 1")
    write(template / "hooks/other.sh", "exit 1")

    finished = wasmctl(
        *("init", "a", "--trust-hooks", "--format=json", "--template", template), folder=tmp_path
    )

    assert finished.returncode == 0, finished.stderr
    assert (tmp_path / "a/after.txt").read_text() == "plain\na is plain\n"
    assert {"before.txt", "after.txt"} <= set(json.loads(finished.stdout)["files"])


@pytest.mark.parametrize(
    ("hook", "cause", "remedy"),
    [
        (b"#!/bin/sh\necho no; exit 3\n", "failed with exit code 3", "leave --trust-hooks out"),
        (b"echo no first line\n", "cannot be started", "#!/bin/sh"),
        (b"#!/nowhere\n", "cannot be started", "#!/bin/sh"),
        (b"\xff\xfe\x00", "the template cannot be used: hooks/", "as UTF-8"),
        (b"#!/bin/sh\n{{ nothing }}\n", "the template cannot be used: hooks/", "correct"),
    ],
)
def test_a_hook_that_fails_is_told_and_leaves_nothing(
    tmp_path: Path, hook: bytes, cause: str, remedy: str
) -> None:
    template = foreign(tmp_path / "in/theirs", hook="x")
    (template / "hooks/post_gen_project.sh").write_bytes(hook)

    finished = wasmctl("init", "a", "--trust-hooks", "--template", template, folder=tmp_path)

    first, *_, last = finished.stderr.splitlines()
    assert finished.returncode in {3, 5}
    assert cause in first
    assert remedy in last
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


@pytest.mark.parametrize(
    ("word", "cause", "remedy"),
    [
        ("rust", "is called 'rust'", "rust is a language: write --lang rust"),
        ("auth", "is called 'auth'", "did you mean 'http-auth-apikey'?"),
        ("theirs", "is called 'theirs'", "a folder has a slash in it: write ./theirs"),
        ("./nowhere", "no folder ./nowhere", "name a template's folder"),
        ("https://git.example/a", "no folder https:", "write git+https://git.example/a"),
        ("git@git.example:a/b", "no folder git@", "write git+git@git.example:a/b"),
        ("git+a", "git+a is no address", "write git+https://HOST/PATH[@REF][#subdirectory=FOLDER]"),
    ],
)
def test_a_template_that_is_none_is_told_with_what_was_meant(
    tmp_path: Path, word: str, cause: str, remedy: str
) -> None:
    (tmp_path / "theirs").mkdir()

    finished = wasmctl("init", "a", "--template", word, folder=tmp_path)

    first, second = finished.stderr.splitlines()
    assert finished.returncode in {2, 16}
    assert cause in first
    assert remedy in second


def test_a_private_repository_ends_and_asks_nobody(tmp_path: Path) -> None:
    with served(tmp_path, is_private=True) as address:
        finished = wasmctl("init", "a", "--template", f"git+{address}/a", folder=tmp_path)

    assert finished.returncode == 11
    assert "git fetch failed: fatal: could not read Username" in finished.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("alias", "language"),
    [("ts", "assemblyscript"), ("AS", "assemblyscript"), ("golang", "go"), ("rs", "rust")],
)
def test_a_language_has_other_names(tmp_path: Path, alias: str, language: str) -> None:
    finished = wasmctl("init", "a", "--lang", alias, "--format=json", folder=tmp_path)

    assert json.loads(finished.stdout)["language"] == language


@pytest.mark.parametrize(
    ("folder", "name", "crate"),
    [
        ("My Plugin", "my-plugin", "my-plugin"),
        ("9lives", "9lives", "plugin-9lives"),
        ("Größe & Maß", "gr-e-ma", "gr-e-ma"),
        ("плагин", "plugin", "plugin"),
        ("vendor", "plugin", "plugin"),
        ("a_b.c", "a-b-c", "a-b-c"),
        ("1e3", "1e3", "plugin-1e3"),
        ("null", "null", "null"),
        ("x" * 70, "x" * 63, "x" * 63),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_derived_of_a_name_is_valid_in_each_language(
    tmp_path: Path, language: str, folder: str, name: str, crate: str
) -> None:
    template = scaffold.find(language, "http-headers")
    new = tmp_path / folder
    scaffold.create(new, template, {"name": scaffold.name_for(new)})

    manifest = tomllib.loads((new / "wasmctl.toml").read_text())
    assert manifest["project"]["name"] == name
    assert manifest["plugin"]["root_id"] == name.replace("-", "_")
    match language:
        case "rust":
            package = tomllib.loads((new / "Cargo.toml").read_text())["package"]["name"]
            assert package == crate
            # As Cargo has it: it refuses a first digit.
            assert re.fullmatch(r"[a-z][a-z0-9-]*", package)
        case "go":
            assert (new / "go.mod").read_text().startswith(f"module example.com/{name}\n")
        case _:
            assert json.loads((new / "package.json").read_text())["name"] == name


def test_a_name_that_go_takes_for_itself_is_refused(tmp_path: Path) -> None:
    finished = wasmctl("init", "a", "--name", "vendor", folder=tmp_path)

    assert finished.returncode == 2
    assert "Go has a use of its own for that word" in finished.stderr


def test_files_are_as_readable_as_the_user_has_it(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        wasmctl("init", "a", folder=tmp_path)
    finally:
        os.umask(before)

    modes = {path.stat().st_mode & 0o077 for path in (tmp_path / "a").rglob("*")}
    assert modes == {0}
