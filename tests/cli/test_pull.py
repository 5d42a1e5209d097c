import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docker_engine import DockerEngine
from tests.oci import foreign
from tests.oci.docker_registry import DockerRegistry, running
from tests.oci.samples import HTTP, image_of, plugin_bytes
from wasmctl import oci
from wasmctl.oci.digests import digest_of
from wasmctl.oci.image import Image
from wasmctl.oci.reference import parse


def _pull(reference: str, file: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "wasmctl", "pull", reference, "-o", str(file), *words],
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.fixture
def image(tmp_path: Path) -> Image:
    return image_of(tmp_path / "project")


@pytest.fixture
def layout(tmp_path: Path, image: Image) -> Path:
    """A layout that holds the image under the tag 1."""
    oci.push(image, parse(f"oci-layout:{tmp_path}/layout:1"))
    return tmp_path / "layout"


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[DockerRegistry]:
    folder = tmp_path / "registry"
    folder.mkdir()
    with running(folder) as found:
        yield found


def test_the_module_is_written_and_its_digest_printed(layout: Path, tmp_path: Path) -> None:
    file = tmp_path / "new" / "plugin.wasm"

    finished = _pull(f"oci-layout:{layout}:1", file)

    assert finished.returncode == 0
    assert finished.stdout == f"{file} {digest_of(plugin_bytes())}\n"
    assert file.read_bytes() == plugin_bytes()


def test_the_result_is_json_if_asked(layout: Path, tmp_path: Path, image: Image) -> None:
    finished = _pull(f"oci-layout:{layout}:1", tmp_path / "f.wasm", "--format", "json")

    assert json.loads(finished.stdout) == {
        "path": str(tmp_path / "f.wasm"),
        "digest": digest_of(plugin_bytes()),
        "size": len(plugin_bytes()),
        "image": {
            "reference": f"oci-layout:{layout}:1",
            "digest": image.manifest.descriptor.digest,
        },
    }


def test_a_plugin_is_pulled_from_a_registry(
    registry: DockerRegistry, image: Image, tmp_path: Path
) -> None:
    oci.push(image, parse(f"{registry.host}/f:1"), access=HTTP)

    finished = _pull(f"{registry.host}/f:1", tmp_path / "f.wasm", "--plain-http")

    assert finished.returncode == 0
    assert (tmp_path / "f.wasm").read_bytes() == plugin_bytes()


def test_what_the_registry_does_not_have_exits_10(registry: DockerRegistry, tmp_path: Path) -> None:
    finished = _pull(f"{registry.host}/f:1", tmp_path / "f.wasm", "--plain-http")

    assert finished.returncode == 10
    assert "f:1: not found" in finished.stderr


def test_a_damaged_image_exits_14_and_leaves_the_old_file(
    layout: Path, image: Image, tmp_path: Path
) -> None:
    (tmp_path / "f.wasm").write_bytes(b"old")
    digits = image.blobs[0].descriptor.digest.removeprefix("sha256:")
    (layout / "blobs" / "sha256" / digits).write_bytes(b"damaged")

    finished = _pull(f"oci-layout:{layout}:1", tmp_path / "f.wasm")

    assert finished.returncode == 14
    assert (tmp_path / "f.wasm").read_bytes() == b"old"


def test_a_damaged_layout_exits_16(layout: Path, tmp_path: Path) -> None:
    (layout / "index.json").write_text("{")

    finished = _pull(f"oci-layout:{layout}:1", tmp_path / "f.wasm")

    assert finished.returncode == 16
    assert "damaged OCI image layout: index.json" in finished.stderr


def test_a_folder_is_no_file_to_write(layout: Path, tmp_path: Path) -> None:
    finished = _pull(f"oci-layout:{layout}:1", tmp_path)

    assert finished.returncode == 16
    assert "Is a directory" in finished.stderr


def test_a_wrong_reference_exits_2(tmp_path: Path) -> None:
    finished = _pull("f", tmp_path / "f.wasm")

    assert finished.returncode == 2
    assert "hint:" in finished.stderr


def test_another_image_than_the_expected_one_is_refused(
    layout: Path, image: Image, tmp_path: Path
) -> None:
    digest = image.manifest.descriptor.digest
    file, reference = tmp_path / "f.wasm", f"oci-layout:{layout}:1"

    refused = _pull(reference, file, "--expect-digest", f"sha256:{'0' * 64}")
    taken = _pull(reference, file, "--expect-digest", digest.removeprefix("sha256:"))

    assert refused.returncode == 14
    assert f"{reference} is {digest}, not sha256:000" in refused.stderr
    assert taken.returncode == 0


def test_a_digest_that_is_none_exits_2(layout: Path, tmp_path: Path) -> None:
    finished = _pull(f"oci-layout:{layout}:1", tmp_path / "f.wasm", "--expect-digest", "abc")

    assert finished.returncode == 2


def test_the_image_of_an_index_is_pulled(
    registry: DockerRegistry, docker_engine: DockerEngine, tmp_path: Path
) -> None:
    archive = foreign.tar(plugin_wasm=plugin_bytes())
    child, listing = f"{registry.host}/f:child", f"{registry.host}/f:1"
    foreign.push_with_oras(
        child, tmp_path / "image", foreign.layer(archive), about=foreign.config(archive)
    )
    foreign.push_index(docker_engine, listing, child)

    finished = _pull(listing, tmp_path / "f.wasm", "--plain-http")

    assert finished.returncode == 0, finished.stderr
    assert (tmp_path / "f.wasm").read_bytes() == plugin_bytes()


def test_what_an_image_calls_its_files_reaches_no_other_place(
    registry: DockerRegistry, tmp_path: Path
) -> None:
    (tmp_path / "folder").mkdir()
    evil = foreign.tar(**{"../../escaped/plugin_wasm": plugin_bytes(), "/tmp/escaped": b"x"})
    name = f"{registry.host}/evil:1"
    foreign.push_with_oras(name, tmp_path / "image", foreign.layer(evil))
    before = sorted(tmp_path.rglob("*"))

    finished = _pull(name, tmp_path / "folder" / "f.wasm", "--plain-http")

    assert finished.returncode == 0
    new = set(tmp_path.rglob("*")) - set(before)
    assert {path for path in new if "registry" not in path.parts} == {tmp_path / "folder/f.wasm"}
    assert not Path("/tmp/escaped").exists()
