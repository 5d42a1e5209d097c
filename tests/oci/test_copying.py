import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.oci.docker_registry import DockerRegistry
from tests.oci.samples import HTTP, image_of
from wasmctl import oci
from wasmctl.errors import RegistryError
from wasmctl.oci.image import Image
from wasmctl.oci.reference import ImageRef, LayoutRef

_COPY_UNTIL_KILLED = """
import os, signal, sys
from wasmctl import oci
from wasmctl.oci.access import Access
from wasmctl.oci.reference import parse

def count(line):
    left.pop()
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)

left = [None] * int(sys.argv[3])
source, target = map(parse, sys.argv[1:3])
oci.copy(source, target, access=Access(plain_http=True), on_progress=count)
"""


def _copy_until_killed(source: LayoutRef, target: ImageRef | LayoutRef, step: int) -> None:
    words = [str(source), str(target), str(step)]
    killed = subprocess.run([sys.executable, "-c", _COPY_UNTIL_KILLED, *words], check=False)
    assert killed.returncode == -signal.SIGKILL


@pytest.fixture
def source(tmp_path: Path, image: Image) -> LayoutRef:
    """A layout that holds the image."""
    reference = LayoutRef(folder=tmp_path / "source", tag="1")
    oci.push(image, reference)
    return reference


# The lines: reading, the layer, the configuration, the manifest, reading back.
@pytest.mark.parametrize("step", range(1, 6))
def test_a_copy_killed_at_any_step_leaves_no_tag_or_the_whole_image(
    own_registry: DockerRegistry, source: LayoutRef, image: Image, step: int
) -> None:
    target = ImageRef(registry=own_registry.host, repository="killed", tag="1.0.0")

    _copy_until_killed(source, target, step)

    if step < 5:
        with pytest.raises(RegistryError, match="not found"):
            oci.pull(target, access=HTTP)
        oci.copy(source, target, access=HTTP)
    assert oci.pull(target, access=HTTP).image_digest == image.manifest.descriptor.digest


# The lines: reading, the layer, the configuration, the manifest, the index, reading back.
@pytest.mark.parametrize("step", range(1, 7))
def test_a_copy_killed_at_any_step_leaves_the_old_image_or_the_new_one(
    source: LayoutRef, image: Image, tmp_path: Path, step: int
) -> None:
    target = LayoutRef(folder=tmp_path / "target", tag="main")
    old = oci.push(image_of(tmp_path / "other", "other"), target).digest
    new = image.manifest.descriptor.digest

    _copy_until_killed(source, target, step)

    assert oci.pull(target).image_digest == (new if step == 6 else old)
    oci.copy(source, target)
    assert oci.pull(target).image_digest == new
