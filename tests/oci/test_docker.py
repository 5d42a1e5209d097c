"""Our images, loaded by Docker."""

from pathlib import Path

import pytest

from tests.docker_engine import DockerEngine
from tests.oci import foreign
from tests.oci.docker_registry import DockerRegistry
from tests.oci.samples import HTTP, plugin_bytes, write_project
from wasmctl import oci, project
from wasmctl.oci.reference import parse


@pytest.mark.parametrize("variant", ["compat", "docker"])
def test_docker_pulls_ours_and_gives_the_module_back(
    docker_engine: DockerEngine, shared_registry: DockerRegistry, tmp_path: Path, variant: str
) -> None:
    name = f"{shared_registry.host}/for/docker:{variant}"
    image = oci.make(project.load(write_project(tmp_path / "project")), variant)
    digest = oci.push(image, parse(name), access=HTTP).digest

    pulled = foreign.docker(docker_engine, "pull", name)
    container = foreign.docker(docker_engine, "create", name, "/plugin.wasm").strip()
    foreign.docker(docker_engine, "cp", f"{container}:/plugin.wasm", tmp_path / "out.wasm")
    foreign.docker(docker_engine, "rm", container)
    labels = foreign.docker(docker_engine, "inspect", "--format", "{{.Config.Labels}}", name)
    foreign.docker(docker_engine, "rmi", name)

    assert f"Digest: {digest}" in pulled
    assert (tmp_path / "out.wasm").read_bytes() == plugin_bytes()
    assert "org.opencontainers.image.title:edge-auth" in labels


def test_a_dockerfile_copies_from_ours(
    docker_engine: DockerEngine, shared_registry: DockerRegistry, tmp_path: Path
) -> None:
    ours, theirs = f"{shared_registry.host}/ours:1", f"{shared_registry.host}/theirs:1"
    image = oci.make(project.load(write_project(tmp_path / "project")))
    oci.push(image, parse(ours), access=HTTP)
    (tmp_path / "context").mkdir()
    (tmp_path / "context/Dockerfile").write_text(
        f"FROM scratch\nCOPY --from={ours} /plugin.wasm /plugin.wasm\n"
    )

    foreign.docker(docker_engine, "build", "--quiet", "--tag", theirs, tmp_path / "context")
    foreign.docker(docker_engine, "push", "--quiet", theirs)
    foreign.docker(docker_engine, "rmi", theirs, ours)

    assert oci.pull(parse(theirs), access=HTTP).content == plugin_bytes()
