"""The record of a build, ``build.json`` beside the module: what was built, of what, with what."""

import contextlib
import dataclasses
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from wasmctl import files
from wasmctl.errors import FilesError

FILE_NAME = "build.json"


@dataclass(frozen=True, kw_only=True)
class Record:
    """One build.

    Attributes:
        module: the module's file name; it lies beside the record.
        digest: the module's ``sha256:`` digest.
        abi: the Proxy-Wasm ABI version it declares.
        engine: what ran the build.
        image: the name and the digest of the image it ran in; None: none.
        tools: the versions of what made it, the SDK's among them.
        commands: what was run to make it.
        optimized_from: the bytes that it had before wasm-opt; None: it was not run.
        input_hash: the hash of all it was made of.
        inputs: how many files that were.

    """

    module: str
    digest: str
    size: int
    abi: str
    engine: str
    image: dict[str, str] | None
    tools: dict[str, str]
    commands: list[str]
    optimized_from: int | None
    input_hash: str
    inputs: int
    duration_ms: int


def write(record: Record, folder: Path) -> None:
    """Put the record into the folder of its module. Raises FilesError."""
    text = json.dumps(dataclasses.asdict(record), indent=2) + "\n"
    files.write(folder / FILE_NAME, text.encode())


def read(folder: Path) -> Record | None:
    """Return the record in a folder, or None where there is none that can be used."""
    with contextlib.suppress(FilesError, ValueError, TypeError):
        return Record(**json.loads(files.read(folder / FILE_NAME)))
    return None


def describes(record: Record, module: Path) -> bool:
    """Whether the file at ``module`` is still the one that was built."""
    with contextlib.suppress(FilesError):
        return record.digest == f"sha256:{hashlib.sha256(files.read(module)).hexdigest()}"
    return False
