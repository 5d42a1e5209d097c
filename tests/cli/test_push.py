import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command import wasmctl
from tests.oci.docker_registry import DockerRegistry, running
from tests.oci.samples import image_of, plugin_bytes, write_project
from tests.terminal import at_terminal


def _push(folder: Path, *words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "wasmctl", "push", "-C", str(folder), *words],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )


@pytest.fixture(autouse=True)
def _no_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_project(tmp_path / "project")


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[DockerRegistry]:
    folder = tmp_path / "registry"
    folder.mkdir()
    with running(folder) as found:
        yield found


def test_each_reference_is_printed_with_its_digest(
    project: Path, registry: DockerRegistry, tmp_path: Path
) -> None:
    digest = image_of(tmp_path / "same").manifest.descriptor.digest
    references = [
        f"oci-layout:{tmp_path}/layout:1.0.0",
        f"{registry.host}/acme/edge-auth:1.0.0",
        f"{registry.host}/acme/edge-auth:latest",
    ]

    finished = _push(project, *references, "--plain-http")

    assert finished.returncode == 0
    assert finished.stdout.splitlines() == [
        *(f"{reference}@{digest}" for reference in references),
        digest.removeprefix("sha256:"),
    ]
    assert "uploading the manifest" in finished.stderr


def test_the_result_is_json_if_asked(project: Path, tmp_path: Path) -> None:
    reference = f"oci-layout:{tmp_path}/layout:1"
    digest = image_of(tmp_path / "same").manifest.descriptor.digest

    finished = _push(project, reference, "--format", "json")

    assert json.loads(finished.stdout) == {
        "images": [
            {"reference": reference, "digest": digest, "pinned": f"{reference}@{digest}"},
        ],
        "sha256": digest.removeprefix("sha256:"),
    }


def test_nothing_is_pushed_if_one_reference_is_wrong(project: Path, tmp_path: Path) -> None:
    finished = _push(project, f"oci-layout:{tmp_path}/layout:1", "acme/edge-auth:1")

    assert finished.returncode == 2
    assert finished.stderr.splitlines()[0] == "error: 'acme/edge-auth:1' names no registry"
    assert not (tmp_path / "layout").exists()


def test_a_digest_is_no_place_to_push_to(project: Path, tmp_path: Path) -> None:
    finished = _push(project, f"oci-layout:{tmp_path}/layout:1@sha256:{'0' * 64}")

    assert finished.returncode == 2
    assert "a push needs a tag" in finished.stderr


def test_a_project_that_is_not_built_says_what_to_do(project: Path, tmp_path: Path) -> None:
    (project / "dist" / "edge-auth.wasm").unlink()

    finished = _push(project, f"oci-layout:{tmp_path}/layout:1")

    assert finished.returncode == 16
    assert "nothing to push" in finished.stderr
    assert "`wasmctl build`" in finished.stderr


def test_what_is_no_plugin_is_not_pushed(project: Path, tmp_path: Path) -> None:
    (project / "dist" / "edge-auth.wasm").write_bytes(b"\0asm\1\0\0\0")

    finished = _push(project, f"oci-layout:{tmp_path}/layout:1")

    assert finished.returncode == 15
    assert not (tmp_path / "layout").exists()


def test_a_folder_of_somebody_elses_is_refused(project: Path) -> None:
    finished = _push(project, f"oci-layout:{project}:1")

    assert finished.returncode == 16
    assert "neither empty nor an OCI image layout" in finished.stderr


def test_a_registry_that_is_not_there_exits_11(project: Path) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{bound.getsockname()[1]}"

        finished = _push(project, f"{host}/acme/edge-auth:1", "--plain-http")

    assert finished.returncode == 11
    assert finished.stderr.splitlines()[-2] == f"error: cannot reach {host}: Connection refused"


def test_a_proxy_in_the_environment_does_not_catch_loopback(
    project: Path, registry: DockerRegistry
) -> None:
    finished = _push(
        project,
        f"{registry.host}/acme/edge-auth:1",
        "--plain-http",
        HTTP_PROXY="http://127.0.0.1:1",
        http_proxy="http://127.0.0.1:1",
    )

    assert finished.returncode == 0


def test_the_epoch_changes_the_digest(project: Path, tmp_path: Path) -> None:
    reference = f"oci-layout:{tmp_path}/layout:1"

    now, again = (_push(project, reference, SOURCE_DATE_EPOCH=when) for when in ("1", "2"))

    assert now.returncode == again.returncode == 0
    assert now.stdout != again.stdout


def test_a_version_tag_is_moved_by_force_alone(project: Path, tmp_path: Path) -> None:
    reference = f"oci-layout:{tmp_path}/layout:1.0.0"
    first = _push(project, reference, SOURCE_DATE_EPOCH="1")

    refused = _push(project, reference, SOURCE_DATE_EPOCH="2")
    again = _push(project, reference, SOURCE_DATE_EPOCH="1")
    forced = _push(project, reference, "--force", SOURCE_DATE_EPOCH="2")

    assert refused.returncode == 14
    assert f"the version tag {reference} names {first.stdout.split('@')[1][:71]}" in refused.stderr
    assert "--force" in refused.stderr
    assert again.returncode == 0
    assert again.stdout == first.stdout
    assert forced.returncode == 0


def test_no_tag_is_moved_if_asked(project: Path, registry: DockerRegistry, tmp_path: Path) -> None:
    reference = f"{registry.host}/acme/edge-auth:latest"
    _push(project, reference, "--plain-http", SOURCE_DATE_EPOCH="1")

    finished = _push(
        project,
        f"oci-layout:{tmp_path}/layout:1",
        reference,
        *("--no-clobber", "--plain-http"),
        SOURCE_DATE_EPOCH="2",
    )

    assert finished.returncode == 14
    assert f"the tag {reference} names sha256:" in finished.stderr
    assert not (tmp_path / "layout").exists(), "nothing is pushed if one tag must stay"


def test_flags_that_contradict_each_other_are_refused(project: Path, tmp_path: Path) -> None:
    finished = _push(project, f"oci-layout:{tmp_path}/l:1", "--no-clobber", "--force")

    assert finished.returncode == 2


def test_a_dry_run_tells_the_digest_and_stores_nothing(project: Path, tmp_path: Path) -> None:
    reference = f"oci-layout:{tmp_path}/layout:1"

    finished = _push(project, reference, "--dry-run")

    assert finished.returncode == 0
    assert not (tmp_path / "layout").exists()
    assert finished.stdout == _push(project, reference).stdout


def test_the_digest_is_written_to_a_file_if_asked(project: Path, tmp_path: Path) -> None:
    digest = image_of(tmp_path / "same").manifest.descriptor.digest

    _push(project, f"oci-layout:{tmp_path}/l:1", "--digest-file", str(tmp_path / "digest"))

    assert (tmp_path / "digest").read_text() == f"{digest}\n"


@pytest.mark.parametrize(
    ("variant", "consumer"),
    [
        ("compat", "istio,envoy-gateway,higress,google,containerd,docker"),
        ("docker", "istio,envoy-gateway,higress,google,containerd,docker"),
        ("artifact", "istio,envoy-gateway,higress"),
        ("higress", "istio,envoy-gateway,higress"),
        ("wasm", "wkg"),
    ],
)
def test_each_variant_is_loaded_by_those_it_is_for_and_pulled(
    project: Path, registry: DockerRegistry, tmp_path: Path, variant: str, consumer: str
) -> None:
    reference = f"{registry.host}/{variant}:1"
    module = project / "dist/edge-auth.wasm"

    finished = _push(project, reference, "--variant", variant, "--plain-http")

    assert finished.returncode == 0, finished.stderr
    verified = wasmctl("verify", reference, "--consumer", consumer, "--plain-http")
    assert verified.returncode == 0, verified.stdout
    pulled = wasmctl("pull", reference, "-o", tmp_path / "f.wasm", "--plain-http")
    assert (tmp_path / "f.wasm").read_bytes() == module.read_bytes()
    assert ("no gateway loads" in pulled.stderr) is (variant == "wasm")


def test_a_push_at_a_terminal_ends_with_the_result(project: Path, registry: DockerRegistry) -> None:
    (project / "dist/edge-auth.wasm").write_bytes(plugin_bytes(padding=3_000_000))

    code, seen = at_terminal(
        *("push", "-C", project, f"{registry.host}/f:1", "--plain-http"),
        typed={},
        folder=project,
    )

    assert code == 0
    assert "uploading the manifest" in seen
    assert f"{registry.host}/f:1@sha256:" in seen.splitlines()[-2]
