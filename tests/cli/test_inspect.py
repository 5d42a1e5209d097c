import json
from pathlib import Path

import pytest

from tests.command import wasmctl
from tests.oci import foreign
from tests.oci.docker_registry import running
from tests.oci.foreign import File
from tests.oci.samples import plugin_bytes, write_project
from wasmctl.oci.digests import digest_of


@pytest.fixture
def module(tmp_path: Path) -> Path:
    return write_project(tmp_path / "project") / "dist" / "edge-auth.wasm"


@pytest.fixture
def image(module: Path, tmp_path: Path) -> str:
    """The default image of the module, in a layout."""
    reference = f"oci-layout:{tmp_path}/layout:1"
    assert wasmctl("push", "-C", module.parents[1], reference).returncode == 0
    return reference


def test_a_module_is_shown_with_what_it_wants_and_offers(module: Path) -> None:
    shown = wasmctl("inspect", module)

    assert shown.returncode == 0
    assert digest_of(plugin_bytes()) in shown.stdout
    assert "ABI       0.2.1" in shown.stdout
    assert "proxy_abi_version_0_2_1   () -> ()" in shown.stdout


def test_a_module_is_shown_as_json_if_asked(module: Path) -> None:
    shown = json.loads(wasmctl("inspect", module, "--format", "json").stdout)

    assert (shown["path"], shown["abi"]) == (str(module), "0.2.1")
    assert shown["size"] == len(plugin_bytes())


def test_an_image_is_shown_with_its_layers_module_and_who_loads_it(image: str) -> None:
    shown = wasmctl("inspect", image)

    assert shown.returncode == 0, shown.stderr
    for line in (
        "  config    application/vnd.oci.image.config.v1+json linux/amd64",
        "            org.opencontainers.image.title: edge-auth",
        "Istio                      accepts  loads the module",
        "  ABI       0.2.1",
    ):
        assert line in shown.stdout
    assert ": plugin.wasm" in shown.stdout


def test_an_image_is_shown_as_json_if_asked(image: str) -> None:
    shown = json.loads(wasmctl("inspect", image, "--format", "json").stdout)

    assert shown["reference"] == image
    assert shown["index"] is None
    assert shown["image"]["digest"] == shown["digest"]
    assert [layer["files"] for layer in shown["image"]["layers"]] == [["plugin.wasm"]]
    assert shown["module"]["digest"] == digest_of(plugin_bytes())
    accepting = [verdict["consumer"] for verdict in shown["verdicts"] if verdict["accepts"]]
    assert accepting == ["istio", "envoy-gateway", "higress", "google", "containerd", "docker"]


def test_an_image_that_nobody_loads_is_shown_all_the_same(tmp_path: Path) -> None:
    with running(tmp_path / "registry") as registry:
        name = f"{registry.host}/strange:1"
        strange = File(name="a\x1b[31m.txt", media_type="text/plain", content=b"text")
        foreign.push_with_oras(name, tmp_path / "image", strange)

        shown = wasmctl("inspect", name, "--plain-http")

    assert shown.returncode == 0, shown.stderr
    assert "layer     text/plain, 4 B" in shown.stdout
    assert "Istio                      refuses" in shown.stdout
    assert "\x1b" not in shown.stdout


def test_what_is_no_wasm_exits_15(tmp_path: Path) -> None:
    (tmp_path / "f.wasm").write_bytes(b"text")

    assert wasmctl("inspect", tmp_path / "f.wasm").returncode == 15


def test_a_damaged_image_exits_14(image: str, tmp_path: Path) -> None:
    for path in (tmp_path / "layout/blobs/sha256").iterdir():
        path.write_bytes(bytes(path.stat().st_size))

    assert wasmctl("inspect", image).returncode == 14
