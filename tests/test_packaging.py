"""What is shipped: the wheel and the source distribution, as the index gets them."""

import json
import os
import shutil
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.command import WASMCTL, checkout, run
from wasmctl import files
from wasmctl.languages import LANGUAGES

_HEAVY = {"wasmtime", "docker", "oras", "cookiecutter", "requests", "h2", "yaml", "jinja2"}


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with both packages, made once for all workers; the wheel out of the sdist."""
    root = tmp_path_factory.getbasetemp()
    folder = (root.parent if "PYTEST_XDIST_WORKER" in os.environ else root) / "packages"
    with files.locked(folder.with_suffix(".lock")):
        if not folder.exists():
            built = run([sys.executable, "-m", "build", "--outdir", folder, checkout()])
            assert built.returncode == 0, built.stderr
    return folder


def _templates() -> set[str]:
    folder = checkout() / "templates"
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def _schemas() -> set[str]:
    return {path.name for path in (checkout() / "wasmctl/schemas").glob("*.json")}


def test_the_wheel_has_every_template_file_and_schema(packages: Path) -> None:
    (wheel,) = packages.glob("*.whl")

    names = set(zipfile.ZipFile(wheel).namelist())

    assert len(_templates()) > 30
    assert {f"wasmctl/_templates/{name}" for name in _templates()} <= names
    assert {f"wasmctl/schemas/{name}" for name in _schemas()} <= names
    assert {f"wasmctl/languages/images/{name}.Dockerfile" for name in LANGUAGES} <= names
    assert "wasmctl/py.typed" in names


def test_the_sdist_has_every_template_file_and_schema(packages: Path) -> None:
    (sdist,) = packages.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}

    assert {f"templates/{name}" for name in _templates()} <= names
    assert {f"wasmctl/schemas/{name}" for name in _schemas()} <= names
    assert {"README.md", "LICENSE", "CHANGELOG.md", "tests/test_packaging.py"} <= names


def test_the_wheel_makes_projects_from_its_own_templates(packages: Path, tmp_path: Path) -> None:
    (wheel,) = packages.glob("*.whl")
    shutil.unpack_archive(wheel, tmp_path / "installed", "zip")
    unpacked = {"PYTHONPATH": str(tmp_path / "installed")}

    made = run([*WASMCTL, "init", "new", "--format", "json"], folder=tmp_path, environment=unpacked)

    assert ".npmrc" in json.loads(made.stdout)["files"]
    assert (tmp_path / "new/.wasmctl/project.schema.json").is_file()
    assert (tmp_path / "new/assembly/proxy-wasm/index.ts").is_file()


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_import_nothing_heavy(option: str) -> None:
    finished = run([sys.executable, "-X", "importtime", "-m", "wasmctl", option])

    imported = {line.rpartition("|")[2].strip() for line in finished.stderr.splitlines()}
    assert finished.returncode == 0
    assert "wasmctl.cli" in imported
    assert not {name for name in imported if name.partition(".")[0] in _HEAVY}
