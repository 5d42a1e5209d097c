"""``wasmctl inspect``."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from wasmctl.cli.options import (
    CaFileOption,
    Format,
    FormatOption,
    ImageArgument,
    InsecureOption,
    PlainHttpOption,
)
from wasmctl.cli.output import bytes_size, console, note, show_json, show_verdicts, verdict_fields

if TYPE_CHECKING:
    from wasmctl.module import Export, Import, Module
    from wasmctl.oci.consumers import Verdict
    from wasmctl.oci.evidence import Evidence


def command(
    target: ImageArgument,
    plain_http: PlainHttpOption = False,
    insecure: InsecureOption = False,
    ca_file: CaFileOption = None,
    output_format: FormatOption = Format.TEXT,
) -> None:
    """Show what a module is, from its bytes alone: ABI version, imports, exports, sections.

    Of an image: its manifest, layers, annotations and module, and who loads it.
    """
    from wasmctl import module
    from wasmctl.oci import consumers, gate, reference
    from wasmctl.oci.access import Access

    place = reference.parse_or_path(target)
    if isinstance(place, Path):
        read = module.open_module(place)
        if output_format is Format.JSON:
            show_json({"path": str(place), **_module_fields(read)})
        else:
            _show_module(str(place), read)
        return
    access = Access(plain_http=plain_http, insecure=insecure, ca_file=ca_file)
    evidence = gate.examine(place, access=access, on_progress=note)
    verdicts = gate.judge(evidence, consumers.CONSUMERS)
    if output_format is Format.JSON:
        show_json({"reference": target, **_image_fields(evidence, verdicts)})
    else:
        _show_image(target, evidence, verdicts)


def _module_fields(read: "Module") -> dict[str, Any]:
    from wasmctl.plugin import declared_abi

    return {
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


def _image_fields(evidence: "Evidence", verdicts: "tuple[Verdict, ...]") -> dict[str, Any]:
    facts = evidence.module.facts if evidence.module else None
    listed = [
        {"platform": entry.platform, "digest": entry.descriptor.digest}
        for entry in evidence.entries or ()
    ]
    return {
        "digest": evidence.digest,
        "index": listed if evidence.entries is not None else None,
        "image": _manifest_fields(evidence),
        "module": _module_fields(facts) if facts else None,
        "verdicts": [verdict_fields(verdict) for verdict in verdicts],
    }


def _manifest_fields(evidence: "Evidence") -> dict[str, Any] | None:
    image = evidence.image
    if not image:
        return None
    return {
        "digest": evidence.image_digest,
        "media_type": image.media_type,
        "artifact_type": image.artifact_type,
        "platform": evidence.platform,
        "config": {"media_type": image.config.media_type, "digest": image.config.digest},
        "layers": [
            {
                "media_type": layer.descriptor.media_type,
                "digest": layer.descriptor.digest,
                "size": layer.descriptor.size,
                "files": list(layer.file_names),
            }
            for layer in evidence.layers
        ],
        "annotations": dict(image.annotations),
    }


def _show_module(name: str, read: "Module") -> None:
    from wasmctl.plugin import declared_abi

    abi = declared_abi(read)
    _title(name)
    _fact("digest", read.digest)
    _fact("size", f"{bytes_size(read.size)} ({read.size:,} bytes)")
    _fact("ABI", abi or "none: not a Proxy-Wasm plugin")
    _fact("made by", ", ".join(read.producers) or "not recorded")
    _table("Imports", [(f"{e.module}.{e.name}", _type(e)) for e in read.imports])
    _table("Exports", [(e.name, _type(e)) for e in read.exports])
    _table("Sections", [(s.name, bytes_size(s.size)) for s in read.sections])


def _show_image(name: str, evidence: "Evidence", verdicts: "tuple[Verdict, ...]") -> None:
    _title(name)
    _fact("digest", evidence.digest)
    for entry in evidence.entries or ():
        _fact("index", f"{entry.platform or 'no platform'} {entry.descriptor.digest}")
    image = evidence.image
    if image:
        _fact("manifest", image.media_type)
        _fact("config", f"{image.config.media_type} {evidence.platform}".strip())
        for layer in evidence.layers:
            size = bytes_size(layer.descriptor.size)
            held = f": {', '.join(layer.file_names)}" if layer.file_names else ""
            _fact("layer", f"{layer.descriptor.media_type}, {size}{held}")
        for key, text in sorted(image.annotations.items()):
            _fact("", f"{key}: {text}")
    console().print("\n[italic]Consumers[/]", markup=True)
    show_verdicts(verdicts)
    if evidence.module and evidence.module.facts:
        console().print()
        _show_module(evidence.module.name, evidence.module.facts)


def _title(name: str) -> None:
    from wasmctl.oci.strangers import printable

    console().print(printable(name), style="bold", markup=False)


def _fact(name: str, text: str) -> None:
    from wasmctl.oci.strangers import printable

    console().print(f"  {name:<9} {printable(text)}", markup=False)


def _type(entry: "Import | Export") -> str:
    return str(entry.signature) if entry.signature else entry.kind


def _table(title: str, rows: list[tuple[str, str]]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(title=f"{title} ({len(rows)})", title_justify="left", box=None, pad_edge=False)
    table.add_column("name", style="cyan", no_wrap=True)
    table.add_column("", no_wrap=True)
    for name, text in rows:
        table.add_row(Text(name), Text(text))
    console().print("", table)
