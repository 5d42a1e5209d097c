"""Images that wasmctl did not write: by oras-py, by Docker, by skopeo."""

import gzip
import io
import json
import os
import tarfile
from dataclasses import dataclass
from pathlib import Path

import oras.provider

from tests import components
from tests.command import run
from tests.docker_engine import DockerEngine
from wasmctl.oci.digests import digest_of

OCI_TAR_GZIP = "application/vnd.oci.image.layer.v1.tar+gzip"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
SOLO_CONFIG = "application/vnd.module.wasm.config.v1+json"
SOLO_WASM = "application/vnd.module.wasm.content.layer.v1+wasm"


@dataclass(frozen=True, kw_only=True)
class File:
    """A file that becomes a layer, or the configuration, with its media type."""

    name: str
    media_type: str
    content: bytes


def tar(**files: bytes) -> bytes:
    """Return an archive; names have ``_`` where the file's has a dot."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name.replace("_", "."))
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def layer(archive: bytes, name: str = "plugin.tar.gz") -> File:
    """Return an archive as a compressed layer."""
    return File(name=name, media_type=OCI_TAR_GZIP, content=gzip.compress(archive, mtime=0))


def config(*archives: bytes, system: str = "linux", architecture: str = "amd64") -> File:
    """Return the configuration of an image with these archives as layers."""
    document = {
        "os": system,
        "architecture": architecture,
        "rootfs": {"type": "layers", "diff_ids": [digest_of(archive) for archive in archives]},
    }
    content = json.dumps(document).encode()
    return File(name="config.json", media_type=OCI_CONFIG, content=content)


def push_with_oras(reference: str, folder: Path, *layers: File, about: File | None = None) -> None:
    """Push files as layers, with oras-py's own push."""
    folder.mkdir()
    for file in (*layers, *([about] if about else [])):
        (folder / file.name).write_bytes(file.content)
    own = oras.provider.Registry(insecure=True)
    here = Path.cwd()
    os.chdir(folder)  # oras-py takes a layer's title from its path
    try:
        own.push(
            target=reference,
            files=[f"{file.name}:{file.media_type}" for file in layers],
            manifest_config=f"{about.name}:{about.media_type}" if about else None,
        )
    finally:
        os.chdir(here)
        own.session.close()


def push_with_docker(engine: DockerEngine, reference: str, folder: Path, **files: bytes) -> None:
    """Have Docker build an image of some files, and push it."""
    folder.mkdir()
    for name, content in files.items():
        (folder / name.replace("_", ".")).write_bytes(content)
    names = " ".join(name.replace("_", ".") for name in files)
    (folder / "Dockerfile").write_text(f"FROM scratch\nCOPY {names} /\n")
    docker(engine, "build", "--quiet", "--tag", reference, folder)
    docker(engine, "push", "--quiet", reference)
    docker(engine, "rmi", reference)


def push_index(engine: DockerEngine, reference: str, *images: str, platform: str = "") -> None:
    """Have Docker make an index of pushed images; ``platform`` replaces what they say."""
    docker(engine, "manifest", "create", "--insecure", reference, *images)
    if platform:
        system, _, architecture = platform.partition("/")
        words = ("--os", system, "--arch", architecture)
        for image in images:
            docker(engine, "manifest", "annotate", *words, reference, image)
    docker(engine, "manifest", "push", "--insecure", "--purge", reference)


def docker(engine: DockerEngine, *words: str | Path) -> str:
    """Run the docker command, which must succeed; return what it prints."""
    environment = {**engine.environment, "DOCKER_CLI_EXPERIMENTAL": "enabled"}
    finished = run(["docker", *words], environment=environment)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def copy_with_skopeo(source: str, destination: str, *words: str) -> None:
    """Copy an image with skopeo, over plain HTTP."""
    components.need("skopeo")
    insecure = ("--src-tls-verify=false", "--dest-tls-verify=false")
    finished = run(["skopeo", "--insecure-policy", "copy", *insecure, *words, source, destination])
    assert finished.returncode == 0, finished.stderr
