"""``wasmctl push``."""

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

from wasmctl.cli.options import Format, FormatOption, PlainHttpOption, ProjectOption
from wasmctl.cli.output import note, show_json


def command(
    references: Annotated[
        list[str],
        typer.Argument(
            metavar="REF...",
            help="REGISTRY/REPOSITORY:TAG, or oci-layout:DIR:TAG for a folder on this machine.",
            show_default=False,
        ),
    ],
    folder: ProjectOption = Path(),
    plain_http: PlainHttpOption = False,
    output_format: FormatOption = Format.TEXT,
) -> None:
    """Push the built plugin as an image that every gateway loads; print what pins it."""
    from wasmctl import oci, project
    from wasmctl.oci import reference
    from wasmctl.oci.access import Access

    targets = [reference.parse(text) for text in references]
    image = oci.make(project.load(folder))
    pushed = []
    for target in targets:
        descriptor = oci.push(image, target, access=Access(plain_http=plain_http), on_progress=note)
        pinned = str(dataclasses.replace(target, digest=descriptor.digest))
        pushed.append({"reference": str(target), "digest": descriptor.digest, "pinned": pinned})
        if output_format is Format.TEXT:
            typer.echo(pinned)
    if output_format is Format.JSON:
        show_json({"images": pushed})
