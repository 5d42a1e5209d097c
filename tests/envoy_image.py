"""Images for tests: Debian, and Debian with the Envoy binary of the Python package.

Debian's files are made once for all workers.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import components
from tests.command import run
from tests.docker_engine import DockerEngine, common
from wasmctl import files
from wasmctl.envoy import locate

_PLACE = "usr/local/bin/envoy"

# What builder images begin with.
_DEBIAN = "debian:13-slim"


@pytest.fixture
def docker(docker_engine: DockerEngine, monkeypatch: pytest.MonkeyPatch) -> DockerEngine:
    """The engine, as the one that the environment of this process names."""
    for name, value in docker_engine.environment.items():
        monkeypatch.setenv(name, value)
    return docker_engine


@pytest.fixture(scope="session")
def debian_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with the files of a small Debian. Change nothing in it."""
    archive = common(tmp_path_factory) / "debian.tar"
    with files.locked(archive.with_suffix(".lock")):
        if not archive.exists():
            _debootstrap(archive)
    return archive


@pytest.fixture(scope="session")
def debian_image(docker_engine: DockerEngine, request: pytest.FixtureRequest) -> str:
    """The image that builder images are made from, in that engine."""
    environment = docker_engine.environment
    if run(["docker", "image", "inspect", _DEBIAN], environment=environment).returncode:
        archive = request.getfixturevalue("debian_archive")
        imported = run(["docker", "import", archive, _DEBIAN], environment=environment)
        assert imported.returncode == 0, imported.stderr
    return _DEBIAN


@pytest.fixture(scope="session")
def envoy_image(
    docker_engine: DockerEngine, debian_archive: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The name of an image with Envoy in that engine; do not remove it."""
    name = f"wasmctl-test/envoy:{os.getpid()}"
    archive = tmp_path_factory.mktemp("envoy-image") / "envoy.tar"
    _with_envoy(debian_archive, archive)
    imported = run(["docker", "import", archive, name], environment=docker_engine.environment)
    archive.unlink()  # it is large
    assert imported.returncode == 0, imported.stderr
    yield name
    run(["docker", "rmi", "--force", name], environment=docker_engine.environment)


def _debootstrap(archive: Path) -> None:
    components.need("debootstrap", "tar")
    components.need_root("making a Debian image")
    system = archive.with_suffix("")
    made = run(["debootstrap", "--variant=minbase", "trixie", system])
    assert made.returncode == 0, made.stdout
    whole = archive.with_name(f"{archive.name}.part")
    packed = run(["tar", "--create", "--file", whole, "--directory", system, "."])
    assert packed.returncode == 0, packed.stderr
    whole.rename(archive)
    shutil.rmtree(system)


def _with_envoy(debian: Path, archive: Path) -> None:
    shutil.copyfile(debian, archive)
    place = archive.with_suffix("") / _PLACE
    place.parent.mkdir(parents=True)
    shutil.copy(locate.locate(), place)
    command = ["tar", "--append", "--file", archive, "--directory", archive.with_suffix("")]
    appended = run([*command, f"./{_PLACE}"])
    assert appended.returncode == 0, appended.stderr
    place.unlink()
