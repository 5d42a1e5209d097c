"""``wasmctl verify``."""

from pathlib import Path
from typing import Annotated

import typer

from wasmctl.cli.options import (
    CaFileOption,
    Format,
    FormatOption,
    ImageArgument,
    InsecureOption,
    PlainHttpOption,
)
from wasmctl.cli.output import note, show_json, show_verdicts, verdict_fields


def command(
    target: ImageArgument,
    consumer: Annotated[
        list[str] | None,
        typer.Option(
            "--consumer",
            metavar="NAME",
            help="Whose rules to apply: istio, envoy-gateway, higress, google, containerd, docker,"
            " wkg, or all; several with commas or by repeating. all shows wkg too, whose form no"
            " gateway loads, and does not count it. [default: all]",
            show_default=False,
        ),
    ] = None,
    plain_http: PlainHttpOption = False,
    insecure: InsecureOption = False,
    ca_file: CaFileOption = None,
    output_format: FormatOption = Format.TEXT,
) -> None:
    """Tell who can load an image, by each consumer's own rules; exit 14 where one cannot.

    For a module, the verdicts are those on the image that `wasmctl push` makes of it.
    """
    from wasmctl.oci import consumers, gate, reference
    from wasmctl.oci.access import Access

    chosen = consumers.named(consumer or [])
    image = reference.parse_or_path(target)
    access = Access(plain_http=plain_http, insecure=insecure, ca_file=ca_file)
    evidence = gate.examine(image, access=access, on_progress=note)
    verdicts = gate.judge(evidence, chosen.shown)
    if output_format is Format.JSON:
        fields = [verdict_fields(verdict) for verdict in verdicts]
        # A module's image does not exist yet: what a push adds would change its digest.
        digest = None if isinstance(image, Path) else evidence.digest
        show_json({"target": target, "digest": digest, "verdicts": fields})
    else:
        show_verdicts(verdicts)
    gate.check(each for each in verdicts if each.consumer in chosen.counted)
