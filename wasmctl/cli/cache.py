"""``wasmctl cache``: what builds in containers keep in the Docker Engine."""

import dataclasses
from typing import TYPE_CHECKING, Annotated

import typer

from wasmctl.cli.options import Format, FormatOption
from wasmctl.cli.output import bytes_size, show_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wasmctl.build.engines.caches import Kept

app = typer.Typer(no_args_is_help=True, help="What builds in containers keep: see it, remove it.")


@app.command("info")
def info(output_format: FormatOption = Format.TEXT) -> None:
    """List the caches of builds, and the images of tools, with their sizes."""
    from wasmctl.build.engines import caches

    found = caches.contents()
    if output_format is Format.JSON:
        show_json(dataclasses.asdict(found))
        return
    typer.echo(f"in the Docker Engine at {found.endpoint}:")
    _show(found.kept)
    typer.echo(f"  {bytes_size(sum(each.size for each in found.kept))} in all")


@app.command("prune")
def prune(
    images: Annotated[
        bool, typer.Option("--images", help="Remove the images of tools, too.")
    ] = False,
    output_format: FormatOption = Format.TEXT,
) -> None:
    """Remove the caches of your builds; the next build fetches its packages again."""
    from wasmctl.build.engines import caches

    done = caches.prune(images=images)
    if output_format is Format.JSON:
        show_json(dataclasses.asdict(done))
        return
    _show(done.removed)
    size = bytes_size(sum(each.size for each in done.removed))
    typer.echo(f"removed {size} from the Docker Engine at {done.endpoint}")
    for each in done.in_use:
        typer.echo(f"kept {each.name}: a build uses it", err=True)


def _show(kept: "Iterable[Kept]") -> None:
    for each in kept:
        of = f", user {each.user}" if each.user is not None else ""
        what = f"{each.kind} for {each.language}{of}"
        typer.echo(f"  {bytes_size(each.size):>9}  {what:<36}  {each.name}")
