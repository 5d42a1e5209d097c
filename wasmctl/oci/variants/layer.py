"""The layer that several shapes share: a tar+gzip archive with one file, the same every time."""

import gzip
import hashlib
import io
import tarfile
from collections.abc import Iterator, Mapping

from wasmctl.errors import ImageRefusedError
from wasmctl.oci.annotations import CREATED
from wasmctl.oci.archive import MAX_TAR_SIZE, MODULE_NAME
from wasmctl.oci.manifest import compact_json
from wasmctl.oci.module_file import ModuleFile

_LABELS = "org.opencontainers.image."
_BLOCK = 512


def pack(module: ModuleFile) -> tuple[bytes, str]:
    """Return the layer's bytes, and the digest of the tar inside it.

    The gzip header has no name and no time. Another zlib may compress to other bytes; the tar's
    digest is the same everywhere. Raises ImageRefusedError for a module that is too large.
    """
    check_size(module)
    tar_digest, compressed = hashlib.sha256(), io.BytesIO()
    with gzip.GzipFile("", "wb", compresslevel=9, fileobj=compressed, mtime=0) as stream:
        for part in _tar(module):
            tar_digest.update(part)
            stream.write(part)
    return compressed.getvalue(), f"sha256:{tar_digest.hexdigest()}"


def check_size(module: ModuleFile) -> None:
    """Raise ImageRefusedError for a module that gateways refuse for its size."""
    if module.size > MAX_TAR_SIZE - 4 * _BLOCK:
        raise ImageRefusedError(
            f"the module has {module.size:,} bytes;"
            f" gateways load at most {MAX_TAR_SIZE:,} as a tar",
            hint="build it in release mode, without debug information",
        )


def _tar(module: ModuleFile) -> Iterator[bytes]:
    """Yield a USTAR archive in parts: the header, the file, the padding with the end mark.

    The file comes in pieces: as a whole, it would be in memory once more.
    """
    member = tarfile.TarInfo(MODULE_NAME)  # owner 0, no names, time 0
    member.size, member.mode = module.size, 0o644
    yield member.tobuf(tarfile.USTAR_FORMAT)
    yield from module.chunks()
    yield bytes(-module.size % _BLOCK + 2 * _BLOCK)


def config(annotations: Mapping[str, str], diff_id: str) -> bytes:
    """Return the configuration of a container image with that one layer, for linux/amd64."""
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
