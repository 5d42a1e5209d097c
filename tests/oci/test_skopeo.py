"""Our images, read by a program that shares no code with us."""

import json
import subprocess
from pathlib import Path

import pytest

from tests import components
from tests.oci.docker_registry import DockerRegistry
from tests.oci.samples import HTTP, plugin_bytes, write_project
from wasmctl import oci, project
from wasmctl.oci.image import Image
from wasmctl.oci.reference import parse


def _skopeo(*words: str) -> bytes:
    components.need("skopeo")
    return subprocess.run(
        ["/usr/bin/env", "skopeo", *words], check=True, stdout=subprocess.PIPE
    ).stdout


def test_skopeo_reads_what_we_put_into_a_layout(tmp_path: Path, image: Image) -> None:
    oci.push(image, parse(f"oci-layout:{tmp_path}/layout:1.0.0"))

    found = json.loads(_skopeo("inspect", f"oci:{tmp_path}/layout:1.0.0"))

    assert found["Digest"] == image.manifest.descriptor.digest
    assert (found["Os"], found["Architecture"]) == ("linux", "amd64")
    assert found["Labels"]["org.opencontainers.image.title"] == "edge-auth"


def test_skopeo_copies_ours_and_we_read_the_copy(
    shared_registry: DockerRegistry, tmp_path: Path, image: Image
) -> None:
    theirs = f"{shared_registry.host}/by/skopeo:1"
    oci.push(image, parse(f"oci-layout:{tmp_path}/layout:1"))

    _skopeo(
        *("--insecure-policy", "copy", "--preserve-digests", "--dest-tls-verify=false"),
        *(f"oci:{tmp_path}/layout:1", f"docker://{theirs}"),
    )

    pulled = oci.pull(parse(theirs), access=HTTP)
    assert pulled.image_digest == image.manifest.descriptor.digest
    assert pulled.content == plugin_bytes()


def test_we_read_a_layout_that_skopeo_wrote_and_add_to_it(
    shared_registry: DockerRegistry, tmp_path: Path, image: Image
) -> None:
    ours = f"{shared_registry.host}/for/skopeo:1"
    oci.push(image, parse(ours), access=HTTP)

    _skopeo(
        *("--insecure-policy", "copy", "--src-tls-verify=false"),
        *(f"docker://{ours}", f"oci:{tmp_path}/theirs:1"),
    )
    oci.push(image, parse(f"oci-layout:{tmp_path}/theirs:2"))

    for tag in ("1", "2"):
        pulled = oci.pull(parse(f"oci-layout:{tmp_path}/theirs:{tag}"))
        assert pulled.image_digest == image.manifest.descriptor.digest


@pytest.mark.parametrize("variant", ["compat", "docker", "artifact", "higress", "wasm"])
def test_skopeo_copies_every_variant_and_its_digest_stays(
    shared_registry: DockerRegistry, tmp_path: Path, variant: str
) -> None:
    ours, theirs = (f"{shared_registry.host}/{by}/{variant}:1" for by in ("ours", "theirs"))
    made = oci.make(project.load(write_project(tmp_path / "project")), variant)
    digest = oci.push(made, parse(ours), access=HTTP).digest

    _skopeo(
        *("--insecure-policy", "copy", "--preserve-digests"),
        *("--src-tls-verify=false", "--dest-tls-verify=false"),
        *(f"docker://{ours}", f"docker://{theirs}"),
    )

    pulled = oci.pull(parse(theirs), access=HTTP)
    assert (pulled.image_digest, pulled.content) == (digest, plugin_bytes())
