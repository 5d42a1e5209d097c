"""``wasmctl tags``."""

from typing import Annotated

import typer

from wasmctl.cli.options import (
    CaFileOption,
    Format,
    FormatOption,
    InsecureOption,
    PlainHttpOption,
)
from wasmctl.cli.output import note, show_json


def command(
    repository: Annotated[
        str,
        typer.Argument(
            metavar="REPO", help="REGISTRY/REPOSITORY, or oci-layout:DIR.", show_default=False
        ),
    ],
    plain_http: PlainHttpOption = False,
    insecure: InsecureOption = False,
    ca_file: CaFileOption = None,
    output_format: FormatOption = Format.TEXT,
) -> None:
    """List the tags of a repository, versions in their order."""
    from wasmctl import oci
    from wasmctl.oci import reference
    from wasmctl.oci.access import Access

    access = Access(plain_http=plain_http, insecure=insecure, ca_file=ca_file)
    found = oci.tags(reference.parse_repository(repository), access=access, on_progress=note)
    if output_format is Format.JSON:
        show_json({"repository": repository, "tags": found})
    elif found:
        typer.echo("\n".join(found))
