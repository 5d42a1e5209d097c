"""``--locked`` in each language: no lock that has drifted is built with, and none is changed."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.docker_engine import DockerEngine
from wasmctl import build, project, scaffold
from wasmctl.errors import DriftError
from wasmctl.languages import LANGUAGES

Built = Callable[[scaffold.Template], Path]

_EACH_LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)

_CHANGED_MANIFESTS = {
    "assemblyscript": ('"assemblyscript": "0.28.20"', '"assemblyscript": "0.28.19"'),
    "go": ("44c7d5847745", "000000000000"),
    "rust": ('version = "0.1.0"', 'version = "0.2.0"'),
}
_CHANGED_LOCKS = {
    "assemblyscript": ('"version": "0.28.20"', '"version": "0.28.19"'),
    "go": (
        "/proxy-wasm-go-sdk v0.0.0-20260105142703-44c7d5847745 h1:",
        "/proxy-wasm-go-sdk v0.0.0-20260105142703-44c7d5847745 h1:AA",
    ),
    "rust": ('checksum = "', 'checksum = "0000'),
}


@pytest.fixture
def copy(language: str, built: Built, docker: DockerEngine, tmp_path: Path) -> Path:
    """A project that was built, by itself: with its lock, and without what a build leaves."""
    assert docker.endpoint
    folder = tmp_path / "copy"
    original = built(scaffold.find(language, "http-headers"))
    left = shutil.ignore_patterns("dist", "node_modules", "target")
    return Path(shutil.copytree(original, folder, ignore=left))


def _locked(folder: Path) -> build.Built:
    return build.build(project.load(folder), locked=True)


def _replace(path: Path, change: tuple[str, str]) -> None:
    text = path.read_text()
    assert change[0] in text
    path.write_text(text.replace(*change))


@_EACH_LANGUAGE
def test_a_lock_that_pins_everything_is_left_alone(copy: Path, language: str) -> None:
    lock = copy / LANGUAGES[language].fetch.lock
    before = lock.read_bytes()

    made = _locked(copy)

    assert made.path.is_file()
    assert lock.read_bytes() == before


@_EACH_LANGUAGE
def test_a_changed_manifest_is_drift(copy: Path, language: str) -> None:
    fetch = LANGUAGES[language].fetch
    before = (copy / fetch.lock).read_bytes()
    _replace(copy / fetch.manifest, _CHANGED_MANIFESTS[language])

    with pytest.raises(DriftError, match=f"{fetch.lock} does not pin"):
        _locked(copy)

    assert (copy / fetch.lock).read_bytes() == before


@_EACH_LANGUAGE
def test_a_changed_lock_is_drift(copy: Path, language: str) -> None:
    lock = copy / LANGUAGES[language].fetch.lock
    _replace(lock, _CHANGED_LOCKS[language])
    before = lock.read_bytes()

    with pytest.raises(DriftError, match=f"{lock.name} does not pin"):
        _locked(copy)

    assert lock.read_bytes() == before


@_EACH_LANGUAGE
def test_a_missing_lock_is_drift_and_none_is_made(copy: Path, language: str) -> None:
    lock = copy / LANGUAGES[language].fetch.lock
    lock.unlink()

    with pytest.raises(DriftError, match=f"there is no {lock.name}"):
        _locked(copy)

    assert not lock.exists()
