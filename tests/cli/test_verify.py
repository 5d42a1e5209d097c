import json
from pathlib import Path

import pytest

from tests.command import wasmctl
from tests.oci.samples import write_project


@pytest.fixture
def module(tmp_path: Path) -> Path:
    return write_project(tmp_path / "project") / "dist" / "edge-auth.wasm"


@pytest.fixture
def image(module: Path, tmp_path: Path) -> str:
    """The default image of the module, in a layout."""
    reference = f"oci-layout:{tmp_path}/layout:1"
    assert wasmctl("push", "-C", module.parents[1], reference).returncode == 0
    return reference


def test_the_default_image_passes_with_a_verdict_for_each(image: str) -> None:
    finished = wasmctl("verify", image)

    assert finished.returncode == 0, finished.stderr
    assert "Istio                      accepts  loads the module" in finished.stdout
    assert "wkg                        refuses  the configuration is" in finished.stdout


def test_a_consumer_that_is_named_counts(image: str) -> None:
    finished = wasmctl("verify", image, "--consumer", "istio,wkg")

    assert finished.returncode == 14
    assert finished.stdout.splitlines()[0].split()[:2] == ["Istio", "accepts"]
    assert "error: the image would be refused by wkg: the configuration is" in finished.stderr


def test_a_module_is_judged_as_the_image_that_a_push_would_make(module: Path) -> None:
    finished = wasmctl("verify", module, "--consumer", "all", "--format", "json")

    assert finished.returncode == 0
    assert json.loads(finished.stdout)["digest"] is None, "there is no image yet"


def test_what_is_no_plugin_exits_15(tmp_path: Path) -> None:
    (tmp_path / "f.wasm").write_bytes(b"\0asm\1\0\0\0")

    assert wasmctl("verify", tmp_path / "f.wasm").returncode == 15


def test_the_result_is_json_if_asked(image: str) -> None:
    finished = wasmctl("verify", image, "--consumer", "google", "--format", "json")

    found = json.loads(finished.stdout)
    assert found["target"] == image
    assert found["digest"].startswith("sha256:")
    assert found["verdicts"] == [
        {
            "consumer": "google",
            "title": "Google Service Extensions",
            "accepts": True,
            "reason": "an image with the single file plugin.wasm",
        }
    ]


def test_an_unknown_consumer_is_named_with_the_known_ones(image: str) -> None:
    finished = wasmctl("verify", image, "--consumer", "istoi")

    assert finished.returncode == 2
    assert "no consumer is called 'istoi'" in finished.stderr
    assert "use istio, envoy-gateway," in finished.stderr


@pytest.mark.parametrize("target", ["missing.wasm", "./missing", "/missing", "missing"])
def test_a_file_that_is_not_there_exits_16(target: str, tmp_path: Path) -> None:
    finished = wasmctl("verify", target, folder=tmp_path)

    assert finished.returncode == 16
    assert "No such file" in finished.stderr


def test_a_reference_without_a_tag_is_taken_for_one() -> None:
    finished = wasmctl("verify", "ghcr.io/acme/filter")

    assert finished.returncode == 2
    assert "names no tag" in finished.stderr
