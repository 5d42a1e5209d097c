import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.oci.docker_registry import DockerRegistry
from tests.oci.samples import HTTP, image_of, plugin_bytes
from wasmctl import oci
from wasmctl.errors import ImageRefusedError, NetworkError, RegistryError
from wasmctl.oci.image import Image
from wasmctl.oci.reference import ImageRef, LayoutRef


def _ref(registry: DockerRegistry, repository: str, tag: str = "1.0.0") -> ImageRef:
    return ImageRef(registry=registry.host, repository=repository, tag=tag)


def test_a_plugin_comes_back_byte_for_byte(shared_registry: DockerRegistry, image: Image) -> None:
    reference = _ref(shared_registry, "acme/round/trip")

    oci.push(image, reference, access=HTTP)

    assert oci.pull(reference, access=HTTP).content == plugin_bytes()


def test_registry_and_layout_give_the_same_digest_twice(
    shared_registry: DockerRegistry, tmp_path: Path
) -> None:
    found = []
    for number in range(2):
        made = image_of(tmp_path / f"project{number}")
        layout = LayoutRef(folder=tmp_path / f"layout{number}", tag="1")
        found.append(oci.push(made, layout))
        found.append(oci.push(made, _ref(shared_registry, f"digest{number}"), access=HTTP))

    assert [descriptor.digest for descriptor in found] == [found[0].digest] * 4


def test_an_image_is_pulled_by_its_digest_alone(
    shared_registry: DockerRegistry, image: Image
) -> None:
    digest = oci.push(image, _ref(shared_registry, "by/digest"), access=HTTP).digest

    pinned = ImageRef(registry=shared_registry.host, repository="by/digest", digest=digest)

    assert oci.pull(pinned, access=HTTP).image_digest == digest


def test_a_repository_with_dots_and_localhost_are_understood(
    shared_registry: DockerRegistry, image: Image
) -> None:
    port = shared_registry.host.rpartition(":")[2]
    reference = ImageRef(registry=f"localhost:{port}", repository="my.org/v1.x/f.g", tag="1")

    oci.push(image, reference, access=HTTP)

    stored = shared_registry.store / "docker/registry/v2/repositories/my.org/v1.x/f.g"
    assert stored.is_dir()


def test_a_second_push_uploads_no_blob_again(shared_registry: DockerRegistry, image: Image) -> None:
    oci.push(image, _ref(shared_registry, "again"), access=HTTP)
    lines: list[str] = []

    oci.push(image, _ref(shared_registry, "again", "2"), access=HTTP, on_progress=lines.append)

    assert [line.partition(": ")[2] for line in lines] == [
        "already there",
        "already there",
        "uploading the manifest",
        "reading back",
    ]


@pytest.mark.parametrize(("repository", "code"), [("known", "MANIFEST_UNKNOWN"), ("no", "UNKNOWN")])
def test_what_is_not_there_is_named(
    shared_registry: DockerRegistry, image: Image, repository: str, code: str
) -> None:
    oci.push(image, _ref(shared_registry, "known"), access=HTTP)

    with pytest.raises(RegistryError, match=f"{repository}:9: not found .404 .*{code}") as caught:
        oci.pull(_ref(shared_registry, repository, "9"), access=HTTP)

    assert caught.value.hint == "check registry, repository and tag for a slip"
    assert caught.value.exit_code == 10


def test_a_blob_damaged_in_the_store_is_refused(own_registry: DockerRegistry, image: Image) -> None:
    oci.push(image, _ref(own_registry, "f"), access=HTTP)
    stored = own_registry.blob_file(image.blobs[0].descriptor.digest)
    stored.write_bytes(bytes([stored.read_bytes()[0] ^ 1]) + stored.read_bytes()[1:])

    with pytest.raises(ImageRefusedError, match=r"delivered .* bytes with digest sha256:"):
        oci.pull(_ref(own_registry, "f"), access=HTTP)


def test_a_push_finds_the_damage_when_it_reads_back(
    own_registry: DockerRegistry, image: Image
) -> None:
    oci.push(image, _ref(own_registry, "f"), access=HTTP)
    stored = own_registry.blob_file(image.blobs[0].descriptor.digest)
    stored.write_bytes(bytes(image.blobs[0].descriptor.size))

    with pytest.raises(ImageRefusedError, match=r"delivered .* bytes with digest sha256:"):
        oci.push(image, _ref(own_registry, "f", "2"), access=HTTP)


_PUSH_UNTIL_KILLED = """
import os, signal, sys
from pathlib import Path
from wasmctl import oci, project
from wasmctl.oci.access import Access
from wasmctl.oci.reference import parse

def count(line):
    left.pop()
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)

left = [None] * int(sys.argv[3])
image = oci.make(project.load(Path(sys.argv[1])))
oci.push(image, parse(sys.argv[2]), access=Access(plain_http=True), on_progress=count)
"""


@pytest.mark.parametrize("step", range(1, 5))
def test_a_push_killed_at_any_step_leaves_no_tag_or_the_whole_image(
    own_registry: DockerRegistry, image: Image, tmp_path: Path, step: int
) -> None:
    reference = _ref(own_registry, "killed")
    words = [str(tmp_path / "project"), str(reference), str(step)]

    killed = subprocess.run([sys.executable, "-c", _PUSH_UNTIL_KILLED, *words], check=False)

    assert killed.returncode == -signal.SIGKILL
    if step < 4:  # the fourth line comes when the manifest is stored
        with pytest.raises(RegistryError, match="not found"):
            oci.pull(reference, access=HTTP)
        oci.push(image, reference, access=HTTP)
    assert oci.pull(reference, access=HTTP).content == plugin_bytes()


def test_https_to_a_registry_without_it_says_so(shared_registry: DockerRegistry) -> None:
    with pytest.raises(RegistryError, match="no secure connection") as caught:
        oci.pull(_ref(shared_registry, "f"))

    assert "--plain-http" in caught.value.hint
    assert caught.value.exit_code == 10


def test_a_proxy_never_catches_loopback(
    shared_registry: DockerRegistry, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    oci.push(image, _ref(shared_registry, "past/the/proxy"), access=HTTP)

    assert oci.pull(_ref(shared_registry, "past/the/proxy"), access=HTTP).content


def test_other_hosts_are_asked_through_the_proxy_but_for_no_proxy(
    shared_registry: DockerRegistry, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The system takes 0.0.0.0 to this machine, but by its number it is no loopback address.
    here = ImageRef(
        registry=shared_registry.host.replace("127.0.0.1", "0.0.0.0"), repository="f", tag="1"
    )
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with pytest.raises(NetworkError, match="through the proxy: Connection refused"):
        oci.push(image, here, access=HTTP)

    monkeypatch.setenv("no_proxy", "0.0.0.0")

    assert oci.push(image, here, access=HTTP) == image.manifest.descriptor
