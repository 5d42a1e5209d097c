import subprocess
from pathlib import Path

import pytest

from tests.oci.samples import plugin_bytes, write_project
from wasmctl.errors import DefinitionError, UsageError
from wasmctl.oci import module_file
from wasmctl.oci.annotations import describe
from wasmctl.oci.digests import digest_of
from wasmctl.project import load

_CREATED = "org.opencontainers.image.created"


def _describe(folder: Path, annotations: str = "") -> dict[str, str]:
    loaded = load(write_project(folder, annotations=annotations))
    return describe(loaded, module_file.opened(loaded.output))


def _commit(folder: Path, seconds: int) -> None:
    git = ["git", "-C", str(folder), "-c", "user.name=t", "-c", "user.email=t@example.test"]
    subprocess.run([*git, "init", "-q"], check=True)
    environment = {"GIT_COMMITTER_DATE": f"{seconds} +0200", "GIT_AUTHOR_DATE": "1000000000 +0000"}
    commit = [*git, "commit", "-q", "--allow-empty", "-m", "first"]
    subprocess.run(commit, check=True, env={"PATH": "/usr/bin:/bin", **environment})


def _git(folder: Path, *words: str) -> str:
    command = ["git", "-C", str(folder), *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_project_and_module_are_described(tmp_path: Path) -> None:
    assert _describe(tmp_path / "p") == {
        "org.opencontainers.image.title": "edge-auth",
        "org.opencontainers.image.version": "1.2.3",
        "org.opencontainers.image.licenses": "Apache-2.0",
        _CREATED: "1970-01-01T00:00:00Z",
        "dev.wasmctl.language": "assemblyscript",
        "dev.wasmctl.module.digest": digest_of(plugin_bytes()),
        "dev.wasmctl.module.size": str(len(plugin_bytes())),
        "dev.wasmctl.proxy-wasm.abi": "0.2.1",
    }


def test_created_is_source_date_epoch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795132800")

    assert _describe(tmp_path / "p")[_CREATED] == "2026-11-20T00:00:00Z"


def test_created_is_else_the_time_of_the_last_commit(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    _commit(tmp_path / "p", 1795132800)

    found = _describe(tmp_path / "p" / "plugin")

    assert found[_CREATED] == "2026-11-20T00:00:00Z"


def test_a_commit_is_named_with_its_repository(tmp_path: Path) -> None:
    project = write_project(tmp_path / "p")
    (project / ".gitignore").write_text("*\n")
    _commit(project, 1795132800)
    _git(project, "remote", "add", "origin", "https://alice:secret@example.test/acme/auth.git")

    loaded = load(project)
    found = describe(loaded, module_file.opened(loaded.output))

    assert found["org.opencontainers.image.revision"] == _git(project, "rev-parse", "HEAD")
    assert found["org.opencontainers.image.source"] == "https://example.test/acme/auth"


def test_a_commit_is_not_named_where_files_have_changed(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    _commit(tmp_path / "p", 1795132800)

    assert "org.opencontainers.image.revision" not in _describe(tmp_path / "p" / "plugin")


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("git@example.test:acme/auth.git", "https://example.test/acme/auth"),
        ("ssh://git@example.test:2222/acme/auth.git", "https://example.test/acme/auth"),
        ("https://token@example.test/acme/auth", "https://example.test/acme/auth"),
        ("/home/alice/auth", None),
        ("https://example.test/acme/auth?token=secret", None),
    ],
)
def test_a_repository_is_named_as_strangers_may_see_it(
    tmp_path: Path, url: str, public: str | None
) -> None:
    project = write_project(tmp_path / "p")
    (project / ".gitignore").write_text("*\n")
    _commit(project, 1795132800)
    _git(project, "remote", "add", "origin", url)

    loaded = load(project)
    found = describe(loaded, module_file.opened(loaded.output))

    assert found.get("org.opencontainers.image.source") == public


@pytest.mark.parametrize("wrong", ["", "yesterday", "-1", "1.5", "1795132800000", "\u0661"])
def test_an_epoch_that_is_no_number_of_seconds_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", wrong)

    with pytest.raises(UsageError, match="not a number of seconds"):
        _describe(tmp_path / "p")


def test_the_project_file_adds_and_replaces(tmp_path: Path) -> None:
    found = _describe(
        tmp_path / "p",
        '"org.opencontainers.image.source" = "https://example.com", '
        '"org.opencontainers.image.title" = "Edge"',
    )

    assert found["org.opencontainers.image.source"] == "https://example.com"
    assert found["org.opencontainers.image.title"] == "Edge"


@pytest.mark.parametrize("key", [_CREATED, "dev.wasmctl.module.digest", "dev.wasmctl.x"])
def test_the_project_file_cannot_change_what_is_measured(tmp_path: Path, key: str) -> None:
    with pytest.raises(DefinitionError, match=f"'{key}', which wasmctl measures itself"):
        _describe(tmp_path / "p", f'"{key}" = "x"')
