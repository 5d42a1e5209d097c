"""``wasmctl pull``."""

from pathlib import Path
from typing import Annotated

import typer

from wasmctl.cli.options import (
    CaFileOption,
    Format,
    FormatOption,
    InsecureOption,
    PlainHttpOption,
)
from wasmctl.cli.output import show_json

ImageArgument = Annotated[
    str,
    typer.Argument(
        metavar="REF",
        help="REGISTRY/REPOSITORY:TAG or oci-layout:DIR:TAG; @sha256:… pins the image.",
        show_default=False,
    ),
]

OutputOption = Annotated[
    Path, typer.Option("-o", "--output", metavar="FILE", help="Where the module goes.")
]

ExpectDigestOption = Annotated[
    str | None,
    typer.Option(
        metavar="DIGEST",
        help="Refuse another image than sha256:…, whatever the tag names.",
        show_default=False,
    ),
]


def command(
    image: ImageArgument,
    output: OutputOption,
    expect_digest: ExpectDigestOption = None,
    plain_http: PlainHttpOption = False,
    insecure: InsecureOption = False,
    ca_file: CaFileOption = None,
    output_format: FormatOption = Format.TEXT,
) -> None:
    """Fetch the module out of an image, checked against its digests; print its own digest."""
    from wasmctl import files, oci
    from wasmctl.cli.progress import transfers
    from wasmctl.oci import digests, reference
    from wasmctl.oci.access import Access

    expected = digests.parse(expect_digest) if expect_digest else ""
    with transfers() as (say, count):
        pulled = oci.pull(
            reference.parse(image),
            expected_digest=expected,
            access=Access(plain_http=plain_http, insecure=insecure, ca_file=ca_file),
            on_progress=say,
            on_bytes=count,
        )
    files.write(output, pulled.content)
    if output_format is Format.TEXT:
        typer.echo(f"{output} {pulled.module.digest}")
    else:
        show_json(
            {
                "path": str(output),
                "digest": pulled.module.digest,
                "size": pulled.module.size,
                "image": {"reference": image, "digest": pulled.image_digest},
            }
        )
