"""Source lines of a module's instructions, where its compiler left them: DWARF's line table.

A unit is a program for a small machine that writes rows (address, file, line), addresses counted
from the start of the code section. Sources: DWARF 5, 6.2 (and 4, whose header has another form);
"DWARF for WebAssembly". What is malformed or unknown gives no lines, never an error: this only
helps to read a failure.
"""

import bisect
import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from struct import Struct

from wasmctl.bytestream import ByteStream, MalformedError

# Reading more would take longer than anybody waits.
_LARGEST = 8 << 20
_CODE = 10
_V5 = 5
_V4 = 4
# DWARF 5, 7.5.6 and 7.22: contents and forms of the tables of files.
_PATH, _DIRECTORY = 1, 2
_LINE_STRP = 0x1F
_END_SEQUENCE, _SET_ADDRESS = 1, 2
_FIXED = {0x0B: 1, 0x05: 2, 0x06: 4, 0x07: 8, 0x1E: 16}
_U16, _U32 = Struct("<H"), Struct("<I")


@dataclass(frozen=True, kw_only=True)
class _Row:
    """One row of the table; the last of a sequence belongs to nobody."""

    address: int
    file: str
    line: int
    is_end: bool


@dataclass(frozen=True, kw_only=True)
class Lines:
    """The source lines of a module; ``code`` is where its code section's content begins."""

    code: int
    rows: tuple[_Row, ...]

    def at(self, offset: int) -> str | None:
        """Return ``file:line`` of the instruction at an offset in the module's file."""
        place = bisect.bisect_right(self.rows, offset - self.code, key=lambda row: row.address)
        row = self.rows[place - 1] if place else None
        return None if row is None or row.is_end or not row.line else f"{row.file}:{row.line}"


def lines(content: bytes) -> Lines:
    """Read the line table of a module; empty where it has none that can be read."""
    code = 0
    rows: list[_Row] = []
    # Units that were read before the first that cannot be are good.
    with contextlib.suppress(MalformedError, ValueError, IndexError, ZeroDivisionError):
        code, sections = _sections(content)
        table = sections.get(".debug_line", b"")
        for unit in _units(table) if len(table) <= _LARGEST else ():
            rows += _Unit(unit, sections).rows()
    return Lines(code=code, rows=tuple(sorted(rows, key=lambda row: (row.address, not row.is_end))))


def _sections(content: bytes) -> tuple[int, dict[str, bytes]]:
    """Return where the code begins, and the custom sections of DWARF by their names."""
    stream, code, found = ByteStream(content, 8), 0, {}
    while not stream.at_end:
        number = stream.byte()
        body = stream.part(stream.u32())
        end = body.position + body.length
        if number == _CODE:
            code = body.position
        elif number == 0 and (name := body.text()).startswith(".debug_"):
            found[name] = content[body.position : end]
    return code, found


def _units(table: bytes) -> Iterator[bytes]:
    at = 0
    while at + _U32.size <= len(table):
        (size,) = _U32.unpack_from(table, at)
        yield table[at + _U32.size : at + _U32.size + size]
        at += _U32.size + size


@dataclass
class _Machine:
    """The registers of the machine that writes the rows."""

    address: int = 0
    file: int = 1
    line: int = 1


@dataclass
class _Unit:
    """One unit of the table.

    Attributes:
        files: their names, by the number that the program knows them by.
        least: bytes of the shortest instruction.
        base, range: what special opcodes add to the line: from ``base`` on, so many.
        first: the first special opcode.
        lengths: how many arguments each opcode below it has.

    """

    content: bytes
    sections: dict[str, bytes]
    files: Sequence[str] = ()
    least: int = 1
    base: int = 0
    range: int = 1
    first: int = 1
    lengths: Sequence[int] = ()
    found: list[_Row] = field(default_factory=list)

    def rows(self) -> list[_Row]:
        """Run the unit's program."""
        stream = ByteStream(self.content)
        version = _number(stream, _U16)
        if version >= _V5:
            stream.part(2)  # the sizes of addresses and of segment selectors
        header = _number(stream, _U32)
        program = stream.position + header
        self.least = stream.byte()
        if version >= _V4:
            stream.byte()  # operations per instruction, which WebAssembly has one of
        stream.byte()  # whether a row is a statement, which nobody asks here
        base = stream.byte()
        self.base = base - 256 if base > 127 else base  # noqa: PLR2004 - a signed byte
        self.range, self.first = stream.byte(), stream.byte()
        self.lengths = [stream.byte() for _ in range(self.first - 1)]
        self.files = self._files5(stream) if version >= _V5 else self._files4(stream)
        self._run(ByteStream(self.content, program))
        return self.found

    def _files4(self, stream: ByteStream) -> list[str]:
        folders = ["", *iter(lambda: _text(stream), "")]
        files = [""]
        while name := _text(stream):
            files.append(_joined(folders, _leb(stream), name))
            _leb(stream), _leb(stream)  # its time and its size
        return files

    def _files5(self, stream: ByteStream) -> list[str]:
        folders = [str(entry.get(_PATH, "")) for entry in self._entries(stream)]
        entries = self._entries(stream)
        return [
            _joined(folders, int(entry.get(_DIRECTORY, 0)), str(entry.get(_PATH, "")))
            for entry in entries
        ]

    def _entries(self, stream: ByteStream) -> list[dict[int, int | str]]:
        forms = [(_leb(stream), _leb(stream)) for _ in range(stream.byte())]
        count = _leb(stream)
        if count > stream.length:
            raise MalformedError(f"a table of {count} files is too long")
        return [
            {content: self._value(form, stream) for content, form in forms} for _ in range(count)
        ]

    def _value(self, form: int, stream: ByteStream) -> int | str:
        match form:
            case 0x08:
                return _text(stream)
            case 0x0E | 0x1F:
                name = ".debug_line_str" if form == _LINE_STRP else ".debug_str"
                return _text(ByteStream(self.sections.get(name, b""), _number(stream, _U32)))
            case 0x0F:
                return _leb(stream)
            case _ if form in _FIXED:
                return int.from_bytes(bytes(stream.byte() for _ in range(_FIXED[form])), "little")
            case _:
                raise MalformedError(f"form {form} of a file table is not known")

    def _run(self, stream: ByteStream) -> None:
        machine = _Machine()
        while not stream.at_end:
            opcode = stream.byte()
            if opcode >= self.first:
                step = opcode - self.first
                machine.address += step // self.range * self.least
                machine.line += self.base + step % self.range
                self._write(machine)
            elif opcode == 0:
                machine = self._extended(stream, machine)
            else:
                self._standard(opcode, stream, machine)

    def _extended(self, stream: ByteStream, machine: _Machine) -> _Machine:
        body = stream.part(_leb(stream))
        opcode = body.byte()
        if opcode == _END_SEQUENCE:
            self._write(machine, is_end=True)
            return _Machine()
        if opcode == _SET_ADDRESS:
            machine.address = _number(body, _U32)
        return machine

    def _standard(self, opcode: int, stream: ByteStream, machine: _Machine) -> None:
        match opcode:
            case 1:  # copy
                self._write(machine)
            case 2:  # advance the address
                machine.address += _leb(stream) * self.least
            case 3:  # advance the line
                machine.line += _leb(stream, signed=True)
            case 4:  # another file
                machine.file = _leb(stream)
            case 8:  # as the last special opcode, without a row
                machine.address += (255 - self.first) // self.range * self.least
            case 9:  # a fixed advance
                machine.address += _number(stream, _U16)
            case _:
                for _ in range(self.lengths[opcode - 1]):
                    _leb(stream)

    def _write(self, machine: _Machine, *, is_end: bool = False) -> None:
        name = self.files[machine.file] if machine.file < len(self.files) else "?"
        row = _Row(address=machine.address, file=name, line=machine.line, is_end=is_end)
        self.found.append(row)


def _joined(folders: Sequence[str], index: int, name: str) -> str:
    folder = folders[index] if index < len(folders) else ""
    return f"{folder}/{name}" if folder and not name.startswith("/") else name


def _number(stream: ByteStream, form: Struct) -> int:
    (number,) = form.unpack(bytes(stream.byte() for _ in range(form.size)))
    return int(number)


def _leb(stream: ByteStream, *, signed: bool = False) -> int:
    """Read a LEB128 number of any size."""
    number, shift = 0, 0
    while True:
        part = stream.byte()
        number |= (part & 0x7F) << shift
        shift += 7
        if part < 0x80:  # noqa: PLR2004 - the continuation bit
            break
    return number - (1 << shift) if signed and part & 0x40 else number


def _text(stream: ByteStream) -> str:
    """Read a text that ends with a zero."""
    return bytes(iter(stream.byte, 0)).decode(errors="replace")
