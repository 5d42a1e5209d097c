"""A WebAssembly module, read from its bytes alone: sections, imports, exports, producers.

Nothing is compiled or run, so a hostile file costs no more than its size. Only the sections that
tell what a module wants and offers are read: type, import, function, memory, export, start and
the custom section ``producers``. Source: WebAssembly core specification, "Binary Format" (5.5).
"""

import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from wasmctl import files
from wasmctl.abi.signature import Signature
from wasmctl.abi.types import WasmType
from wasmctl.bytestream import ByteStream, MalformedError
from wasmctl.errors import NotAPluginError

_MAGIC = b"\0asm"
_CORE_VERSION = b"\1\0\0\0"
_COMPONENT_LAYER = b"\1\0"
_SECTIONS = (
    *("custom", "type", "import", "function", "table", "memory", "global", "export"),
    *("start", "element", "code", "data", "data count", "tag"),
)
_KINDS = ("function", "table", "memory", "global", "tag")
_V128 = 0x7B
# Forms of types (5.3): beside functions, those of garbage collection and typed references.
_FUNCTION, _STRUCTURE, _ARRAY, _RECURSIVE = 0x60, 0x5F, 0x5E, 0x4E
_FIELDS = {_STRUCTURE, _ARRAY}
_SUBTYPES = {0x50, 0x4F}
_REFERENCES = {0x63, 0x64}
_TAR = slice(257, 262)  # where an archive of POSIX tar says what it is
_NUMBER_TYPES = {0x7F: WasmType.I32, 0x7E: WasmType.I64, 0x7D: WasmType.F32, 0x7C: WasmType.F64}


@dataclass(frozen=True, kw_only=True)
class Section:
    """One section: its name (custom sections by their own), and its size in bytes."""

    name: str
    size: int


@dataclass(frozen=True, kw_only=True)
class Import:
    """What the module wants: module, name, kind, and for functions the signature.

    ``signature`` is None for other kinds, and for functions with types no plugin can use (v128,
    references).
    """

    module: str
    name: str
    kind: str
    signature: Signature | None = None


@dataclass(frozen=True, kw_only=True)
class Export:
    """What the module offers; ``signature`` as for imports.

    ``has_v128`` tells of a function whose signature has a vector.
    """

    name: str
    kind: str
    signature: Signature | None = None
    has_v128: bool = False


@dataclass(frozen=True, kw_only=True)
class Module:
    """A core WebAssembly module.

    Attributes:
        digest: ``sha256:`` and 64 hexadecimal digits.
        size: in bytes.
        has_start: whether it has a start section, which runs before the host is ready.
        producers: what made it, as the tools wrote it: ``AssemblyScript 0.28.20``.
        memories: with how many pages of 64 KiB each memory begins, its own and imported ones.

    """

    digest: str
    size: int
    sections: tuple[Section, ...]
    imports: tuple[Import, ...]
    exports: tuple[Export, ...]
    has_start: bool
    producers: tuple[str, ...]
    memories: tuple[int, ...] = ()

    def export(self, name: str) -> Export | None:
        """Return the export called ``name``."""
        return next((export for export in self.exports if export.name == name), None)


def open_module(path: Path) -> Module:
    """Read the module in a file.

    Raises FilesError where it cannot be read, NotAPluginError, naming the file, where it is none.
    """
    with naming(path):
        return parse(files.read(path))


@contextlib.contextmanager
def naming(path: Path) -> Iterator[None]:
    """Put the file's name in front of what is found wrong with it inside the block."""
    try:
        yield
    except NotAPluginError as error:
        raise NotAPluginError(f"{path}: {error.message}", hint=error.hint) from error


def parse(content: bytes) -> Module:
    """Read a module from its bytes.

    Raises NotAPluginError where they are no Wasm, a component, or malformed.
    """
    _check_preamble(content)
    reader = _Reader()
    try:
        _read_sections(content, reader)
        return Module(
            digest="sha256:" + hashlib.sha256(content).hexdigest(),
            size=len(content),
            sections=tuple(reader.sections),
            imports=tuple(reader.imports),
            exports=tuple(reader.named_exports()),
            has_start=any(section.name == "start" for section in reader.sections),
            producers=tuple(reader.producers),
            memories=tuple(reader.memories),
        )
    except (MalformedError, IndexError, UnicodeDecodeError) as error:
        raise NotAPluginError(
            f"malformed WebAssembly: {error}", hint="build the module again: this file is damaged"
        ) from error


def described(content: bytes) -> Module:
    """Read a module as `parse` does, but tell of bytes that are none no more than their digest."""
    try:
        return parse(content)
    except NotAPluginError:
        return Module(
            digest="sha256:" + hashlib.sha256(content).hexdigest(),
            size=len(content),
            sections=(),
            imports=(),
            exports=(),
            has_start=False,
            producers=(),
        )


def _check_preamble(content: bytes) -> None:
    if content[:4] != _MAGIC:
        raise _no_module(content)
    if content[6:8] == _COMPONENT_LAYER:
        raise NotAPluginError(
            "a WebAssembly component, not a core module",
            hint="build for a core target (wasm32-wasip1): Proxy-Wasm hosts load no components",
        )
    if content[4:8] != _CORE_VERSION:
        raise NotAPluginError(
            f"WebAssembly version {content[4:8].hex(' ')} is not known",
            hint="build the module with a tool that writes version 1",
        )


def _no_module(content: bytes) -> NotAPluginError:
    """Say what bytes are that are no module, as far as their beginning tells."""
    kind, hint = "it does not begin with \\0asm", "name a compiled .wasm file"
    if not content:
        kind = "it is empty"
    elif content.startswith(b"\x1f\x8b"):
        kind, hint = "it is compressed by gzip", "unpack it first: gunzip, or tar -xzf"
    elif content[_TAR] == b"ustar":
        kind = "it is a tar archive"
        hint = "of an image, name the layout's folder: oci-layout:DIR:TAG; else unpack it"
    elif content.lstrip().startswith(b"(module"):
        kind, hint = "it is WebAssembly's text format", "compile it first: wat2wasm"
    return NotAPluginError(
        f"not a WebAssembly module: {kind}", hint=f"{hint}; `wasmctl build` makes a module"
    )


class _Reader:
    """What has been read so far; later sections refer to earlier ones by index."""

    def __init__(self) -> None:
        self.sections: list[Section] = []
        self.types: list[Signature | None] = []
        self.v128_types: set[int] = set()
        self.imports: list[Import] = []
        self.imported: list[int] = []
        self.declared: list[int] = []
        self.exports: list[tuple[str, str, int]] = []
        self.producers: list[str] = []
        self.memories: list[int] = []

    def named_exports(self) -> Iterator[Export]:
        """Yield the exports with their signatures; imported functions have the first indices."""
        functions = self.imported + self.declared
        for name, kind, index in self.exports:
            if kind == "function":
                number = functions[index]
                has_v128 = number in self.v128_types
                signature = self.types[number]
                yield Export(name=name, kind=kind, signature=signature, has_v128=has_v128)
            else:
                yield Export(name=name, kind=kind)


def _read_sections(content: bytes, reader: _Reader) -> None:
    stream = ByteStream(content, 8)
    while not stream.at_end:
        number = stream.byte()
        if number >= len(_SECTIONS):
            raise MalformedError(f"section {number} at byte {stream.position} is not known")
        body = stream.part(stream.u32())
        name = body.text() if number == 0 else _SECTIONS[number]
        reader.sections.append(Section(name=name, size=body.length))
        _read_section(number, name, body, reader)


def _read_section(number: int, name: str, body: ByteStream, reader: _Reader) -> None:
    match number, name:
        case 0, "producers":
            reader.producers += _producers(body)
        case 1, _:
            for _ in range(body.count()):
                _read_type(body, reader)
        case 2, _:
            for _ in range(body.count()):
                _read_import(body, reader)
        case 3, _:
            reader.declared += [body.u32() for _ in range(body.count())]
        case 5, _:
            reader.memories += [body.limits() for _ in range(body.count())]
        case 7, _:
            reader.exports += [
                (body.text(), _kind(body.byte()), body.u32()) for _ in range(body.count())
            ]
        case _:
            pass


def _read_type(body: ByteStream, reader: _Reader) -> None:
    """Read a type; of those that are no function's, no more than where they end."""
    form = body.byte()
    if form == _RECURSIVE:
        for _ in range(body.count()):
            _read_type(body, reader)
        return
    if form in _SUBTYPES:
        for _ in range(body.count()):
            body.u32()
        form = body.byte()
    if form == _FUNCTION:
        _read_function_type(body, reader)
        return
    if form not in _FIELDS:
        raise MalformedError(f"type form 0x{form:02x} is not known")
    for _ in range(body.count() if form == _STRUCTURE else 1):
        _value_type(body)
        body.byte()
    reader.types.append(None)


def _read_function_type(body: ByteStream, reader: _Reader) -> None:
    parameters = [_value_type(body) for _ in range(body.count())]
    results = [_value_type(body) for _ in range(body.count())]
    if _V128 in {*parameters, *results}:
        reader.v128_types.add(len(reader.types))
    reader.types.append(_signature(parameters, results))


def _value_type(body: ByteStream) -> int:
    number = body.byte()
    if number in _REFERENCES:
        body.long()  # what it refers to
    return number


def _signature(parameters: list[int], results: list[int]) -> Signature | None:
    if not {*parameters, *results} <= _NUMBER_TYPES.keys():
        return None
    return Signature(
        tuple(_NUMBER_TYPES[number] for number in parameters),
        tuple(_NUMBER_TYPES[number] for number in results),
    )


def _read_import(body: ByteStream, reader: _Reader) -> None:
    module, name, kind = body.text(), body.text(), _kind(body.byte())
    signature = None
    match kind:
        case "function":
            reader.imported.append(body.u32())
            signature = reader.types[reader.imported[-1]]
        case "table":
            _value_type(body)
            body.limits()
        case "memory":
            reader.memories.append(body.limits())
        case _:  # a global: its type and whether it changes; a tag: its attribute and type
            _value_type(body)
            body.u32()
    reader.imports.append(Import(module=module, name=name, kind=kind, signature=signature))


def _kind(number: int) -> str:
    if number >= len(_KINDS):
        raise MalformedError(f"import or export kind {number} is not known")
    return _KINDS[number]


def _producers(body: ByteStream) -> list[str]:
    """Read the fields language, processed-by and sdk (tool conventions, "Producers Section")."""
    found = []
    for _ in range(body.count()):
        body.text()
        found += [f"{body.text()} {body.text()}".strip() for _ in range(body.count())]
    return found
