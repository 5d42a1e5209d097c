"""``wasmctl copy``."""

import dataclasses
from typing import Annotated

import typer

from wasmctl.cli.options import (
    CaFileOption,
    DigestFileOption,
    ForceOption,
    Format,
    FormatOption,
    InsecureOption,
    NoClobberOption,
    PlainHttpOption,
)

SourceArgument = Annotated[
    str,
    typer.Argument(
        metavar="SRC",
        help="REGISTRY/REPOSITORY:TAG or oci-layout:DIR:TAG; @sha256:… pins the image.",
        show_default=False,
    ),
]

TargetArgument = Annotated[
    str,
    typer.Argument(
        metavar="DST",
        help="Where it goes: REGISTRY/REPOSITORY:TAG or oci-layout:DIR:TAG.",
        show_default=False,
    ),
]

ConsumerOption = Annotated[
    list[str] | None,
    typer.Option(
        "--consumer",
        metavar="NAME",
        help="Who must be able to load it, as for `wasmctl verify`."
        " [default: istio,envoy-gateway,higress]",
        show_default=False,
    ),
]

FromPlainHttpOption = Annotated[
    bool, typer.Option("--from-plain-http", help="Speak HTTP to SRC alone.")
]

ToPlainHttpOption = Annotated[
    bool, typer.Option("--to-plain-http", help="Speak HTTP to DST alone.")
]


def command(
    source: SourceArgument,
    target: TargetArgument,
    consumer: ConsumerOption = None,
    no_clobber: NoClobberOption = False,
    force: ForceOption = False,
    digest_file: DigestFileOption = None,
    plain_http: PlainHttpOption = False,
    from_plain_http: FromPlainHttpOption = False,
    to_plain_http: ToPlainHttpOption = False,
    insecure: InsecureOption = False,
    ca_file: CaFileOption = None,
    output_format: FormatOption = Format.TEXT,
) -> None:
    """Copy an image, byte for byte, if gateways load it; print what pins it."""
    from wasmctl import files, oci
    from wasmctl.cli.progress import transfers
    from wasmctl.cli.push import overwrite_rule, show_pinned
    from wasmctl.oci import consumers, reference
    from wasmctl.oci.access import Access

    access = Access(insecure=insecure, ca_file=ca_file)
    destination = reference.parse_target(target)
    with transfers() as (say, count):
        copied = oci.copy(
            reference.parse(source),
            destination,
            names=consumers.named(consumer or consumers.GATEWAYS).counted,
            overwrite=overwrite_rule(no_clobber=no_clobber, force=force),
            access=dataclasses.replace(access, plain_http=plain_http or from_plain_http),
            target_access=dataclasses.replace(access, plain_http=plain_http or to_plain_http),
            on_progress=say,
            on_bytes=count,
        )
    if digest_file:
        files.write(digest_file, f"{copied.digest}\n".encode())
    show_pinned([destination], copied.digest, output_format)
