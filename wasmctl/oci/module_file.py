"""A built plugin as a file: its facts in memory, its bytes on the disk until they are packed."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from wasmctl import files, plugin
from wasmctl.abi.types import AbiVersion
from wasmctl.errors import FilesError
from wasmctl.oci.stream import CHUNK


@dataclass(frozen=True, kw_only=True)
class ModuleFile:
    """A plugin that passed the checks when the file was opened."""

    path: Path
    digest: str
    size: int
    abi_version: AbiVersion

    def chunks(self) -> Iterator[bytes]:
        """Yield the module in pieces.

        Raises FilesError where it cannot be read, or is not the file any more that was opened.
        """
        seen = hashlib.sha256()
        try:
            with self.path.open("rb") as file:
                while chunk := file.read(CHUNK):
                    seen.update(chunk)
                    yield chunk
        except OSError as error:
            raise files.refusal(error, "read", self.path) from error
        if f"sha256:{seen.hexdigest()}" != self.digest:
            raise FilesError(
                f"{self.path} was changed while it was read", hint="push again when it is built"
            )

    def content(self) -> bytes:
        """Return the whole module; raises as ``chunks`` does."""
        return b"".join(self.chunks())


def opened(path: Path) -> ModuleFile:
    """Read and check the plugin in a file; its bytes are not kept.

    Raises FilesError where it cannot be read, NotAPluginError where it is no plugin.
    """
    read = plugin.open_plugin(path)
    return ModuleFile(
        path=path, digest=read.digest, size=len(read.content), abi_version=read.abi_version
    )
