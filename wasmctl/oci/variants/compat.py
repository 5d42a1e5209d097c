"""The image that every Proxy-Wasm host loads: a plain OCI image with one tar+gzip layer.

The layer holds the file ``plugin.wasm`` and nothing else. Istio, Envoy Gateway and Higress take
the last layer if it is tar+gzip and look for that name in it (Istio ``pkg/wasm/imagefetcher.go``);
one file alone is Google's rule; a real configuration with the right ``diff_id`` is what Docker and
containerd ask for. The platform is linux/amd64 because Docker refuses another system and the
gateways' fetcher picks that one on every machine.
"""

import gzip
import hashlib
import io
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import IO

from wasmctl.errors import ImageRefusedError
from wasmctl.oci.annotations import CREATED, VARIANT
from wasmctl.oci.image import Image, make_blob, make_image
from wasmctl.oci.manifest import (
    OCI_CONFIG,
    OCI_TAR_GZIP,
    TITLE,
    Descriptor,
    Manifest,
    compact_json,
)
from wasmctl.plugin import Plugin

_FILE_NAME = "plugin.wasm"
_LABELS = "org.opencontainers.image."
_BLOCK = 512
_CHUNK = 1024 * 1024

# Istio's limit, which it applies to the whole tar stream.
MAX_TAR_SIZE = 256 * 1024 * 1024

_UNREADABLE = (tarfile.TarError, EOFError, OSError, zlib.error, ValueError, RecursionError)


def pack(plugin: Plugin, annotations: Mapping[str, str]) -> Image:
    """Make the image.

    Raises ImageRefusedError for a module that gateways refuse for its size.
    """
    _check_size(len(plugin.content))
    compressed, diff_id = _layer(plugin.content)
    layer = make_blob(OCI_TAR_GZIP, compressed, {TITLE: "plugin.tar.gz"})
    config = make_blob(OCI_CONFIG, _config(annotations, diff_id))
    manifest = Manifest(
        config=config.descriptor,
        layers=(layer.descriptor,),
        annotations={**annotations, VARIANT: "compat"},
    )
    return make_image(manifest, layer, config)


def _check_size(size: int) -> None:
    if size > MAX_TAR_SIZE - 4 * _BLOCK:
        raise ImageRefusedError(
            f"the module has {size:,} bytes; gateways load at most {MAX_TAR_SIZE:,} as a tar",
            hint="build it in release mode, without debug information",
        )


def _layer(content: bytes) -> tuple[bytes, str]:
    """Return the layer's bytes, and the digest of the tar inside it.

    The gzip header has no name and no time. Another zlib may compress to other bytes; the tar's
    digest is the same everywhere.
    """
    tar_digest, compressed = hashlib.sha256(), io.BytesIO()
    with gzip.GzipFile("", "wb", compresslevel=9, fileobj=compressed, mtime=0) as stream:
        for part in _tar(content):
            tar_digest.update(part)
            stream.write(part)
    return compressed.getvalue(), f"sha256:{tar_digest.hexdigest()}"


def _tar(content: bytes) -> Iterator[bytes]:
    """Yield a USTAR archive in parts: the header, the file, the padding with the end mark.

    The file comes in pieces: compressed in one, it would be in memory once more.
    """
    member = tarfile.TarInfo(_FILE_NAME)  # owner 0, no names, time 0
    member.size, member.mode = len(content), 0o644
    yield member.tobuf(tarfile.USTAR_FORMAT)
    for start in range(0, len(content), _CHUNK):
        yield content[start : start + _CHUNK]
    yield bytes(-len(content) % _BLOCK + 2 * _BLOCK)


def _config(annotations: Mapping[str, str], diff_id: str) -> bytes:
    created = annotations[CREATED]
    # Registries and `docker inspect` show labels, not annotations.
    labels = {key: text for key, text in sorted(annotations.items()) if key.startswith(_LABELS)}
    return compact_json(
        {
            "created": created,
            "architecture": "amd64",
            "os": "linux",
            "config": {"Labels": labels},
            "rootfs": {"type": "layers", "diff_ids": [diff_id]},
            "history": [{"created": created, "created_by": "wasmctl push"}],
        }
    )


def accepts(manifest: Manifest) -> bool:
    """Whether gateways would take the module from the image's last layer."""
    return bool(manifest.layers) and manifest.layers[-1].media_type == OCI_TAR_GZIP


def unpack(manifest: Manifest, blob: Callable[[Descriptor], bytes]) -> bytes:
    """Return the module in the last layer, read in memory: nothing is unpacked to the disk.

    Raises ImageRefusedError where there is none, or the layer is too large or damaged.
    """
    layer = manifest.layers[-1]
    _check_layer_size(layer.size)
    compressed = io.BytesIO(blob(layer))
    try:
        with gzip.GzipFile(fileobj=compressed) as stream:
            return _find_module(_Capped(stream))
    except _UNREADABLE as error:
        raise ImageRefusedError(
            f"the image's last layer is not a tar+gzip archive: {error}",
            hint="the image was made wrongly: push the plugin again",
        ) from error


def _find_module(stream: "_Capped") -> bytes:
    # "r|" reads forward only, so no size in a hostile header can make it go back and loop.
    with tarfile.open(fileobj=stream, mode="r|") as archive:  # type: ignore[call-overload]
        for member in archive:
            if _is_module(member):
                _check_layer_size(member.size)
                return _content(archive.extractfile(member))
    raise ImageRefusedError(
        f"the image's last layer holds no file {_FILE_NAME}",
        hint="gateways look for that name: push the plugin with wasmctl",
    )


def _is_module(member: tarfile.TarInfo) -> bool:
    # The holes of a sparse file would cost memory that nothing in the layer pays for.
    is_file = member.isreg() and not member.issparse()
    return is_file and PurePosixPath(member.name).name == _FILE_NAME


def _content(file: IO[bytes] | None) -> bytes:
    return file.read() if file else b""


class _Capped:
    """A stream that refuses at MAX_TAR_SIZE: a small layer can hold a huge archive.

    It also refuses to be read on after its end, which tarfile would do for years to skip a file
    whose header claims an absurd size.
    """

    def __init__(self, stream: gzip.GzipFile) -> None:
        self._stream = stream
        self._read = 0
        self._has_ended = False

    def read(self, size: int) -> bytes:
        """Read at most ``size`` bytes."""
        if self._has_ended:
            raise EOFError("it ends early")
        part = self._stream.read(size)
        self._read += len(part)
        self._has_ended = not part
        _check_layer_size(self._read)
        return part


def _check_layer_size(size: int) -> None:
    if size > MAX_TAR_SIZE:
        raise ImageRefusedError(
            f"the image's last layer holds more than {MAX_TAR_SIZE:,} bytes",
            hint="gateways refuse it too: push a smaller module",
        )
