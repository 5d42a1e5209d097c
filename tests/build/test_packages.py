import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import package_registry
from tests.oci import certificates
from wasmctl import project
from wasmctl.build import packages
from wasmctl.build.engines.base import Order
from wasmctl.build.engines.local import LocalEngine
from wasmctl.build.job import Job
from wasmctl.errors import BuildFailedError, DriftError, NetworkError
from wasmctl.languages import LANGUAGES


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def bare_project(tiny_project: Path) -> Path:
    (tiny_project / "node_modules").unlink()
    return tiny_project


@contextlib.contextmanager
def _job(folder: Path, lines: list[str], *, is_locked: bool = False) -> Iterator[Job]:
    order = Order(
        project=project.load(folder), language=LANGUAGES["assemblyscript"], show=lines.append
    )
    with LocalEngine().opened(order) as workshop:
        yield Job(order=order, workshop=workshop, is_locked=is_locked, on_line=lines.append)


def _install(folder: Path, lines: list[str], *, is_locked: bool = False) -> None:
    with _job(folder, lines, is_locked=is_locked) as job:
        packages.install(job)


def _depend_on(folder: Path, packages: dict[str, str]) -> None:
    (folder / "package.json").write_text(json.dumps({"devDependencies": packages}))


def test_pinned_packages_are_installed_once(bare_project: Path, lines: list[str]) -> None:
    lock = (bare_project / "package-lock.json").read_bytes()

    _install(bare_project, lines)
    _install(bare_project, lines)

    assert [line.split()[:3] for line in lines if line[0:1] == "$"] == [["$", "npm", "ci"]]
    assert (bare_project / "node_modules/assemblyscript/bin/asc.js").is_file()
    assert (bare_project / "package-lock.json").read_bytes() == lock


def test_packages_without_a_lock_get_one_that_names_no_registry(
    bare_project: Path, lines: list[str]
) -> None:
    (bare_project / "package-lock.json").unlink()

    _install(bare_project, lines)

    lock = json.loads((bare_project / "package-lock.json").read_text())
    assert "node_modules/assemblyscript" in lock["packages"]
    assert not any("resolved" in package for package in lock["packages"].values())


def test_a_changed_manifest_is_installed_and_locked_anew(
    bare_project: Path, lines: list[str]
) -> None:
    _depend_on(bare_project, {"long": "5.3.2"})

    _install(bare_project, lines)

    assert lines[0].startswith("$ npm install ")
    lock = json.loads((bare_project / "package-lock.json").read_text())
    assert lock["packages"].keys() == {"", "node_modules/long"}


def test_a_registry_out_of_reach_is_a_network_error(
    bare_project: Path, lines: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    with pytest.raises(NetworkError, match="cannot reach the package registry: ECONNREFUSED"):
        _install(bare_project, lines)


def test_a_registry_that_nobody_vouches_for_is_told_with_what_to_name(
    bare_project: Path, lines: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    server = certificates.server(tmp_path, certificates.authority(tmp_path))

    with package_registry.served(tmp_path, server) as address:
        monkeypatch.setenv("npm_config_registry", address)
        with pytest.raises(NetworkError, match="cannot trust the package registry: ") as caught:
            _install(bare_project, lines)

    assert "[network] ca_file" in caught.value.hint


def test_a_package_that_does_not_exist_is_a_failed_build(
    bare_project: Path, lines: list[str]
) -> None:
    _depend_on(bare_project, {"long": "5.3.99999"})

    with pytest.raises(BuildFailedError, match="could not install the packages"):
        _install(bare_project, lines)

    assert any("No matching version found for long@5.3.99999" in line for line in lines)


def test_a_failed_install_is_not_taken_for_done(
    bare_project: Path, lines: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as offline:
        offline.setenv("npm_config_cache", str(tmp_path / "cache"))
        offline.setenv("npm_config_offline", "true")
        with pytest.raises(NetworkError):
            _install(bare_project, lines)

    _install(bare_project, lines)

    assert (bare_project / "node_modules/assemblyscript/bin/asc.js").is_file()


def test_a_lock_that_is_missing_or_behind_is_drift_where_it_may_not_change(
    bare_project: Path, lines: list[str]
) -> None:
    _depend_on(bare_project, {"long": "5.3.2"})

    with pytest.raises(
        DriftError, match=r"package-lock\.json does not pin what package\.json names"
    ):
        _install(bare_project, lines, is_locked=True)
    (bare_project / "package-lock.json").unlink()
    with pytest.raises(DriftError, match=r"there is no package-lock\.json"):
        _install(bare_project, lines, is_locked=True)

    assert lines == []
