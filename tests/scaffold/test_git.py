"""Templates in git repositories: real ones, over files and over HTTP."""

from pathlib import Path

import pytest

from tests import components
from tests.foreign_templates import foreign
from tests.git_server import commit, git, served
from tests.projects import write
from wasmctl import scaffold
from wasmctl.errors import DefinitionError, NetworkError, UsageError
from wasmctl.scaffold import git_address


def _notes(word: str, folder: Path) -> str:
    """Make a project; return what its one file says: the flavour of the commit."""
    with scaffold.opened(word) as template:
        scaffold.create(folder, template, {})
    return (folder / "notes.txt").read_text()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a tag, two branches and a second commit, called team/theirs.git."""
    folder = tmp_path / "served/team/theirs.git"
    foreign(folder, flavour="first")
    commit(folder, "first")
    git(folder, "tag", "v1")
    git(folder, "tag", "--annotate", "--message=one", "v1.0")
    git(folder, "branch", "feature/sour")
    foreign(folder, flavour="second")
    commit(folder, "second")
    return folder


@pytest.mark.parametrize("over", ["file", "http"])
@pytest.mark.parametrize(
    ("ref", "flavour"),
    [
        ("", "second"),
        ("@main", "second"),
        ("@v1", "first"),
        ("@v1.0", "first"),
        ("@feature/sour", "first"),
        ("@refs/heads/main", "second"),
        ("@COMMIT", "first"),
    ],
)
def test_a_git_repository_is_a_template(
    repository: Path, tmp_path: Path, over: str, ref: str, flavour: str
) -> None:
    ref = ref.replace("COMMIT", git(repository, "rev-parse", "v1"))

    with served(tmp_path / "served") as address:
        base = address if over == "http" else f"file://{tmp_path}/served"
        notes = _notes(f"git+{base}/team/theirs.git{ref}", tmp_path / "new")

    assert notes == f"new is {flavour}\n"
    assert not (tmp_path / "new/.git").exists()


@pytest.mark.parametrize("ref", ["nothing", "--upload-pack=touch ran"])
def test_a_ref_that_is_not_there_is_told_in_git_s_words(
    repository: Path, tmp_path: Path, ref: str
) -> None:
    with pytest.raises(NetworkError, match="git fetch failed: fatal: ") as caught:
        _notes(f"git+file://{repository}@{ref}", tmp_path / "new")

    assert "the REF behind @" in caught.value.hint
    assert not (tmp_path / "new").exists()
    assert not list(tmp_path.rglob("ran"))


def test_a_repository_that_is_not_there_is_told(tmp_path: Path) -> None:
    with (
        served(tmp_path) as address,
        pytest.raises(NetworkError, match=r"repository '.*/nowhere/' not found"),
    ):
        _notes(f"git+{address}/nowhere", tmp_path / "new")


def test_nobody_is_asked_for_a_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asking = tmp_path / "asking"
    write(asking, f"#!/bin/sh\ntouch {tmp_path}/asked\necho secret\n")
    asking.chmod(0o755)
    for name in ("GIT_ASKPASS", "SSH_ASKPASS"):
        monkeypatch.setenv(name, str(asking))

    with (
        served(tmp_path, is_private=True) as address,
        pytest.raises(NetworkError, match=r"could not read Username.*terminal prompts disabled"),
    ):
        _notes(f"git+{address}/private", tmp_path / "new")

    assert not (tmp_path / "asked").exists()


def test_a_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    with served(tmp_path) as address:
        pass

    with pytest.raises(NetworkError, match="git fetch failed: fatal: unable to access"):
        _notes(f"git+{address}/gone", tmp_path / "new")


@pytest.mark.parametrize("folder", ["kinds/sour", "kinds/sour/"])
def test_a_template_may_be_a_folder_of_a_repository(tmp_path: Path, folder: str) -> None:
    foreign(tmp_path / "theirs/kinds/sour", flavour="sour")
    commit(tmp_path / "theirs", "one")

    notes = _notes(f"git+file://{tmp_path}/theirs@main#subdirectory={folder}", tmp_path / "new")

    assert notes == "new is sour\n"


@pytest.mark.parametrize("folder", ["nothing", "../..", "link", "cookiecutter.json"])
def test_a_folder_that_is_not_the_repository_s_is_refused(tmp_path: Path, folder: str) -> None:
    foreign(tmp_path / "theirs")
    (tmp_path / "theirs/link").symlink_to("/etc")
    commit(tmp_path / "theirs", "one")

    with pytest.raises(UsageError, match=f"the repository has no folder {folder}"):
        _notes(f"git+file://{tmp_path}/theirs#subdirectory={folder}", tmp_path / "new")


def test_a_link_in_a_repository_is_refused(tmp_path: Path) -> None:
    template = foreign(tmp_path / "theirs")
    (template / "{{cookiecutter.name}}/link").symlink_to("../../../../../etc/passwd")
    commit(template, "one")

    with pytest.raises(DefinitionError, match="which is no plain file"):
        _notes(f"git+file://{template}", tmp_path / "new")


def test_a_repository_that_git_works_on_stays_as_it_is(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So it is in a hook: Git says by variables which repository it works on."""
    mine = tmp_path / "mine"
    write(mine / "a.txt", "mine")
    before = commit(mine, "mine")
    monkeypatch.chdir(mine)
    monkeypatch.setenv("GIT_DIR", str(mine / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(mine))
    monkeypatch.setenv("GIT_INDEX_FILE", str(mine / ".git/index"))

    notes = _notes(f"git+file://{repository}", tmp_path / "new")

    assert notes == "new is second\n"
    assert git(mine, "rev-parse", "HEAD") == before
    assert git(mine, "status", "--porcelain") == ""
    assert sorted(path.name for path in mine.iterdir()) == [".git", "a.txt"]


def test_no_program_is_started_for_an_address(tmp_path: Path) -> None:
    components.need("git")

    with pytest.raises(NetworkError, match="transport 'ext' not allowed"):
        _notes(f"git+ext::sh -c 'touch {tmp_path}/ran' x/y", tmp_path / "new")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "word",
    [
        *("nothing", "./theirs", "--upload-pack=x:y", "https://git.example", "https://"),
        *("https://git.example/a@", "https://git.example/a#b", "https://git.example/@v1"),
    ],
)
def test_what_is_no_address_is_said(word: str) -> None:
    with pytest.raises(UsageError, match="is no address") as caught:
        git_address.parse(word)

    assert caught.value.hint == "write git+https://HOST/PATH[@REF][#subdirectory=FOLDER]"


@pytest.mark.parametrize(
    ("word", "url", "ref", "folder"),
    [
        ("ssh://git@git.example/a/b.git", "ssh://git@git.example/a/b.git", "", ""),
        ("ssh://git@git.example/a/b.git@v1", "ssh://git@git.example/a/b.git", "v1", ""),
        ("git@git.example:a/b.git", "git@git.example:a/b.git", "", ""),
        ("git@git.example:b.git@v1", "git@git.example:b.git", "v1", ""),
        ("https://me:word@git.example/a@f/x", "https://me:word@git.example/a", "f/x", ""),
        ("https://git.example:8443/a#subdirectory=b/c", "https://git.example:8443/a", "", "b/c"),
        ("file:///a/b@v1#subdirectory=c", "file:///a/b", "v1", "c"),
        ("/a/b@v1", "/a/b", "v1", ""),
    ],
)
def test_an_address_is_taken_apart(word: str, url: str, ref: str, folder: str) -> None:
    assert git_address.parse(word) == git_address.GitAddress(url=url, ref=ref, folder=folder)
