import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command import wasmctl
from tests.docker_engine import DockerEngine
from tests.oci import foreign
from tests.oci.docker_registry import DockerRegistry, running
from tests.oci.foreign import File
from tests.oci.samples import plugin_bytes, write_project
from wasmctl.oci.digests import digest_of

_TAR = foreign.tar(plugin_wasm=plugin_bytes())


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DockerRegistry]:
    with running(tmp_path_factory.mktemp("registry")) as found:
        yield found


@pytest.fixture
def layout(tmp_path: Path) -> str:
    """A layout with the default image."""
    reference = f"oci-layout:{tmp_path}/layout:1"
    project = write_project(tmp_path / "project")
    assert wasmctl("push", "-C", project, reference).returncode == 0
    return reference


def test_an_image_keeps_its_digest_from_layout_to_registry_and_back(
    layout: str, registry: DockerRegistry, tmp_path: Path
) -> None:
    there, back = f"{registry.host}/copied:1.0.0", f"oci-layout:{tmp_path}/back:2"

    up = wasmctl("copy", layout, there, "--plain-http", "--digest-file", tmp_path / "digest")
    down = wasmctl("copy", there, back, "--plain-http")

    assert (up.returncode, down.returncode) == (0, 0), up.stderr + down.stderr
    digest = (tmp_path / "digest").read_text().strip()
    bare = digest.removeprefix("sha256:")
    assert up.stdout.splitlines() == [f"{there}@{digest}", bare]
    assert down.stdout.splitlines() == [f"{back}@{digest}", bare]
    pulled = wasmctl("pull", f"{back}@{digest}", "-o", tmp_path / "f.wasm")
    assert pulled.returncode == 0, pulled.stderr
    assert (tmp_path / "f.wasm").read_bytes() == plugin_bytes()


def test_one_side_may_speak_plain_http_alone(layout: str, registry: DockerRegistry) -> None:
    there = f"{registry.host}/plain:1"

    over_http = wasmctl("copy", layout, there, "--to-plain-http")
    over_tls = wasmctl("copy", layout, there, "--from-plain-http")

    assert (over_http.returncode, over_tls.returncode) == (0, 10)
    assert "no secure connection" in over_tls.stderr


@pytest.mark.parametrize("target", ["registry", "layout"])
def test_an_index_is_copied_with_all_its_images(
    registry: DockerRegistry, docker_engine: DockerEngine, tmp_path: Path, target: str
) -> None:
    source, children = f"{registry.host}/index-{target}:1", []
    for architecture in ("amd64", "arm64"):
        child = f"{registry.host}/index-{target}:{architecture}"
        about = foreign.config(_TAR, architecture=architecture)
        folder = tmp_path / architecture
        foreign.push_with_oras(child, folder, foreign.layer(_TAR), about=about)
        children.append(child)
    foreign.push_index(docker_engine, source, *children)
    names = {"registry": f"{registry.host}/copy:2", "layout": f"oci-layout:{tmp_path}/l:2"}

    copied = wasmctl("copy", source, names[target], "--plain-http")

    assert copied.returncode == 0, copied.stderr
    before, after = (
        json.loads(wasmctl("verify", name, "--plain-http", "--format", "json").stdout)
        for name in (source, names[target])
    )
    assert before["digest"] == after["digest"]
    assert before["verdicts"] == after["verdicts"]


def test_what_no_gateway_loads_is_not_copied(registry: DockerRegistry, tmp_path: Path) -> None:
    source = f"{registry.host}/bare:1"
    bare = File(name="plugin.wasm", media_type="application/wasm", content=plugin_bytes())
    foreign.push_with_oras(source, tmp_path / "image", bare)

    copied = wasmctl("copy", source, f"oci-layout:{tmp_path}/l:1", "--plain-http")

    assert copied.returncode == 14
    assert "refused by Istio: the last layer is application/wasm" in copied.stderr
    assert not (tmp_path / "l").exists()


def test_who_must_load_it_can_be_said(layout: str, tmp_path: Path) -> None:
    target = f"oci-layout:{tmp_path}/l:1"

    assert wasmctl("copy", layout, target, "--consumer", "google").returncode == 0
    assert wasmctl("copy", layout, target, "--consumer", "wkg").returncode == 14


def test_a_version_tag_stays(layout: str, registry: DockerRegistry, tmp_path: Path) -> None:
    target = f"{registry.host}/stays:1.0.0"
    other = write_project(tmp_path / "other", module=plugin_bytes("other"))
    assert wasmctl("push", "-C", other, target, "--plain-http").returncode == 0

    refused = wasmctl("copy", layout, target, "--plain-http")
    forced = wasmctl("copy", layout, target, "--plain-http", "--force")

    assert (refused.returncode, forced.returncode) == (14, 0)


def test_what_is_not_there_is_named(registry: DockerRegistry, tmp_path: Path) -> None:
    copied = wasmctl("copy", f"{registry.host}/no:1", f"oci-layout:{tmp_path}/l:1", "--plain-http")

    assert copied.returncode == 10
    assert "no:1: not found" in copied.stderr


def test_a_damaged_blob_stops_a_copy_before_anything_has_a_tag(layout: str, tmp_path: Path) -> None:
    image = tmp_path / "layout/blobs/sha256"
    (largest,) = [path for path in image.iterdir() if path.read_bytes()[:2] == b"\x1f\x8b"]
    largest.write_bytes(bytes(largest.stat().st_size))

    copied = wasmctl("copy", layout, f"oci-layout:{tmp_path}/l:1")

    assert copied.returncode == 14
    assert digest_of(bytes(largest.stat().st_size)) in copied.stderr
    assert not (tmp_path / "l").exists()
