from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.oci.docker_registry import DockerRegistry, running
from tests.oci.samples import image_of
from wasmctl.oci.image import Image


@pytest.fixture(scope="session")
def shared_registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DockerRegistry]:
    """A registry for tests that use names of their own and damage nothing."""
    with running(tmp_path_factory.mktemp("registry")) as registry:
        yield registry


@pytest.fixture
def own_registry(tmp_path: Path) -> Iterator[DockerRegistry]:
    """A registry whose store a test may damage."""
    folder = tmp_path / "registry"
    folder.mkdir()
    with running(folder) as registry:
        yield registry


@pytest.fixture(autouse=True)
def _no_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)


@pytest.fixture
def image(tmp_path: Path) -> Image:
    return image_of(tmp_path / "project")
