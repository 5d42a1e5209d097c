import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import components
from tests.builder_image import DONE, as_user, scripted
from tests.command import WASMCTL, run, wasmctl
from tests.docker_engine import DockerEngine, open_to_all

_SOMEBODY = 12346


@pytest.fixture
def user(docker_engine: DockerEngine) -> Iterator[DockerEngine]:
    """An engine that a user without rights may use, whose caches no other test needs."""
    components.need("setpriv")
    components.need_root("becoming another user")
    with open_to_all(docker_engine):
        yield docker_engine


def _run(engine: DockerEngine, folder: Path, *words: str) -> str:
    finished = run(
        as_user(_SOMEBODY, [*WASMCTL, *words]),
        folder=folder,
        environment={**engine.environment, "XDG_CACHE_HOME": str(folder / "cache")},
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def test_caches_are_listed_and_removed(
    user: DockerEngine, scripted_image: str, tmp_path: Path
) -> None:
    folder = scripted(tmp_path / "project", scripted_image, f"id > /cache/go-build/x; {DONE}")
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, _SOMEBODY, _SOMEBODY)

    _run(user, folder, "build")
    before = json.loads(_run(user, folder, "cache", "info", "--format", "json"))
    shown = _run(user, folder, "cache", "info")
    pruned = json.loads(_run(user, folder, "cache", "prune", "--format", "json"))
    after = json.loads(_run(user, folder, "cache", "info", "--format", "json"))

    (mine,) = [each for each in before["kept"] if each["user"] == _SOMEBODY]
    assert before["endpoint"] == user.endpoint
    assert (mine["kind"], mine["language"]) == ("cache", "go")
    assert mine["size"] > 0
    assert mine["name"] in shown
    assert pruned["removed"] == [mine]
    assert [each for each in after["kept"] if each["user"] == _SOMEBODY] == []


def test_what_is_removed_is_fetched_again(
    user: DockerEngine, scripted_image: str, tmp_path: Path
) -> None:
    folder = scripted(tmp_path / "project", scripted_image, DONE)
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, _SOMEBODY, _SOMEBODY)
    _run(user, folder, "build")
    _run(user, folder, "cache", "prune")
    (folder / "build.sh").write_text(f"{DONE}\n# more\n")

    finished = run(
        as_user(_SOMEBODY, [*WASMCTL, "build"]),
        folder=folder,
        environment={**user.environment, "XDG_CACHE_HOME": str(folder / "cache")},
    )

    assert finished.returncode == 0, finished.stderr
    assert "go mod download" in finished.stderr


def test_without_an_engine_it_exits_4(tmp_path: Path) -> None:
    finished = wasmctl("cache", "info", environment={"DOCKER_HOST": f"unix://{tmp_path}/none.sock"})

    assert finished.returncode == 4
