"""``wasmctl push``."""

import dataclasses
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
    ProjectOption,
)
from wasmctl.cli.output import note, show_json

if TYPE_CHECKING:
    from wasmctl.oci.overwriting import Overwrite
    from wasmctl.oci.reference import Reference


class VariantName(StrEnum):
    """The shapes of an image."""

    COMPAT = "compat"
    DOCKER = "docker"
    ARTIFACT = "artifact"
    HIGRESS = "higress"
    WASM = "wasm"


ReferencesArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="REF...",
        help="REGISTRY/REPOSITORY:TAG, or oci-layout:DIR:TAG for a folder on this machine.",
        show_default=False,
    ),
]

VariantOption = Annotated[
    VariantName, typer.Option(help="The image's shape; every gateway loads the default.")
]

DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Make and check the image, but store nothing.")
]


def command(
    references: ReferencesArgument,
    folder: ProjectOption = Path(),
    variant: VariantOption = VariantName.COMPAT,
    no_clobber: NoClobberOption = False,
    force: ForceOption = False,
    dry_run: DryRunOption = False,
    digest_file: DigestFileOption = None,
    plain_http: PlainHttpOption = False,
    insecure: InsecureOption = False,
    ca_file: CaFileOption = None,
    output_format: FormatOption = Format.TEXT,
) -> None:
    """Push the built plugin as an image that every gateway loads; print what pins it.

    The consumers' own rules are applied before, and to what is read back.
    """
    from wasmctl import files, oci, project
    from wasmctl.cli.progress import transfers
    from wasmctl.oci import gate, reference
    from wasmctl.oci.access import Access

    targets = [reference.parse_target(text) for text in references]
    image = oci.make(project.load(folder), variant)
    access = Access(plain_http=plain_http, insecure=insecure, ca_file=ca_file)
    overwrite = overwrite_rule(no_clobber=no_clobber, force=force)
    if dry_run:
        gate.check_image(image)
        note("dry run: the image is made and checked, nothing is stored")
    else:
        for target in targets:
            oci.check_tag(image, target, overwrite, access)
        with transfers() as (say, count):
            for target in targets:
                oci.push(
                    image,
                    target,
                    overwrite=overwrite,
                    access=access,
                    on_progress=say,
                    on_bytes=count,
                )
    digest = image.manifest.descriptor.digest
    if digest_file:
        files.write(digest_file, f"{digest}\n".encode())
    show_pinned(targets, digest, output_format)


def overwrite_rule(*, no_clobber: bool, force: bool) -> "Overwrite":
    """Read the two flags that say which tags may be moved."""
    from wasmctl.errors import UsageError
    from wasmctl.oci.overwriting import Overwrite

    if no_clobber and force:
        raise UsageError("--no-clobber and --force contradict each other", hint="give one of them")
    if no_clobber:
        return Overwrite.NONE
    return Overwrite.ANY if force else Overwrite.FLOATING


def show_pinned(targets: "list[Reference]", digest: str, output_format: Format) -> None:
    """Print what pins an image: each reference with its digest, and the digest's bare digits."""
    bare = digest.removeprefix("sha256:")
    pinned = [str(dataclasses.replace(target, digest=digest)) for target in targets]
    if output_format is Format.TEXT:
        typer.echo("\n".join([*pinned, bare]))
        return
    images = [
        {"reference": str(target), "digest": digest, "pinned": text}
        for target, text in zip(targets, pinned, strict=True)
    ]
    show_json({"images": images, "sha256": bare})
