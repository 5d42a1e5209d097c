"""``wasmctl inspect``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wasmctl.cli.options import Format, FormatOption
from wasmctl.cli.output import bytes_size, console, show_json

if TYPE_CHECKING:
    from wasmctl.module import Export, Import, Module


def command(
    file: Annotated[Path, typer.Argument(help="A compiled module.", show_default=False)],
    output_format: FormatOption = Format.TEXT,
) -> None:
    """Show what a module is, from its bytes alone: ABI version, imports, exports, sections."""
    from wasmctl import module

    read = module.open_module(file)
    if output_format is Format.JSON:
        show_json(_as_json(file, read))
    else:
        _show(file, read)


def _as_json(file: Path, read: "Module") -> dict[str, Any]:
    from wasmctl.plugin import declared_abi

    return {
        "path": str(file),
        "digest": read.digest,
        "size": read.size,
        "abi": declared_abi(read),
        "producers": list(read.producers),
        "imports": [{"module": e.module, **_entry(e)} for e in read.imports],
        "exports": [_entry(e) for e in read.exports],
        "sections": [{"name": s.name, "size": s.size} for s in read.sections],
    }


def _entry(entry: "Import | Export") -> dict[str, Any]:
    signature = str(entry.signature) if entry.signature else None
    return {"name": entry.name, "kind": entry.kind, "signature": signature}


def _show(file: Path, read: "Module") -> None:
    from wasmctl.plugin import declared_abi

    out = console()
    abi = declared_abi(read)
    out.print(f"[bold]{file}[/]", markup=True)
    out.print(f"  digest    {read.digest}")
    out.print(f"  size      {bytes_size(read.size)} ({read.size:,} bytes)")
    out.print(f"  ABI       {abi or 'none: not a Proxy-Wasm plugin'}")
    out.print(f"  made by   {', '.join(read.producers) or 'not recorded'}")
    _table("Imports", [(f"{e.module}.{e.name}", _type(e)) for e in read.imports])
    _table("Exports", [(e.name, _type(e)) for e in read.exports])
    _table("Sections", [(s.name, bytes_size(s.size)) for s in read.sections])


def _type(entry: "Import | Export") -> str:
    return str(entry.signature) if entry.signature else entry.kind


def _table(title: str, rows: list[tuple[str, str]]) -> None:
    from rich.table import Table

    table = Table(title=f"{title} ({len(rows)})", title_justify="left", box=None, pad_edge=False)
    table.add_column("name", style="cyan", no_wrap=True)
    table.add_column("", no_wrap=True)
    for name, text in rows:
        table.add_row(name, text)
    console().print("", table)
