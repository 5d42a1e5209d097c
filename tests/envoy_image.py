"""An image with Envoy: Debian, and the binary of the Python package. Made once for all workers."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import components
from tests.command import run
from tests.docker_engine import DockerEngine
from wasmctl import files
from wasmctl.envoy import locate

_PLACE = "usr/local/bin/envoy"


@pytest.fixture
def docker(docker_engine: DockerEngine, monkeypatch: pytest.MonkeyPatch) -> DockerEngine:
    """The engine, as the one that the environment of this process names."""
    for name, value in docker_engine.environment.items():
        monkeypatch.setenv(name, value)
    return docker_engine


@pytest.fixture(scope="session")
def envoy_image(
    docker_engine: DockerEngine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The name of an image with Envoy in that engine; do not remove it."""
    name = f"wasmctl-test/envoy:{os.getpid()}"
    root = tmp_path_factory.getbasetemp()
    archive = (root.parent if "PYTEST_XDIST_WORKER" in os.environ else root) / "envoy-image.tar"
    with files.locked(archive.with_suffix(".lock")):
        if not archive.exists():
            _make(archive)
        imported = run(["docker", "import", archive, name], environment=docker_engine.environment)
    assert imported.returncode == 0, imported.stderr
    yield name
    run(["docker", "rmi", "--force", name], environment=docker_engine.environment)
    # It is large; a worker that still needs it makes another.
    archive.unlink(missing_ok=True)


def _make(archive: Path) -> None:
    components.need("debootstrap", "tar")
    components.need_root("making a Debian image")
    system = archive.with_suffix("")
    made = run(["debootstrap", "--variant=minbase", "trixie", system])
    assert made.returncode == 0, made.stdout
    shutil.copy(locate.locate(), system / _PLACE)
    packed = run(["tar", "--create", "--file", archive, "--directory", system, "."])
    assert packed.returncode == 0, packed.stderr
    shutil.rmtree(system)
