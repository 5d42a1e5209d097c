"""``wasmctl pull``."""

from pathlib import Path
from typing import Annotated

import typer

from wasmctl.cli.options import Format, FormatOption, PlainHttpOption
from wasmctl.cli.output import note, show_json


def command(
    reference: Annotated[
        str,
        typer.Argument(
            metavar="REF",
            help="REGISTRY/REPOSITORY:TAG or oci-layout:DIR:TAG; @sha256:… pins the image.",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE", help="Where the module goes.")
    ],
    plain_http: PlainHttpOption = False,
    output_format: FormatOption = Format.TEXT,
) -> None:
    """Fetch the module out of an image, checked against its digests; print its own digest."""
    from wasmctl import files, oci
    from wasmctl.oci.access import Access
    from wasmctl.oci.reference import parse

    pulled = oci.pull(parse(reference), access=Access(plain_http=plain_http), on_progress=note)
    files.write(output, pulled.content)
    if output_format is Format.TEXT:
        typer.echo(f"{output} {pulled.module.digest}")
    else:
        show_json(
            {
                "path": str(output),
                "digest": pulled.module.digest,
                "size": pulled.module.size,
                "image": {"reference": reference, "digest": pulled.image_digest},
            }
        )
