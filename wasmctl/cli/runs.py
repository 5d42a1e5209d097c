"""``wasmctl runs``: what runs, what ran, and its logs."""

import time
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from wasmctl.cli.options import Format, FormatOption
from wasmctl.cli.output import show_json
from wasmctl.errors import UsageError

if TYPE_CHECKING:
    from wasmctl.launch.folder import Record, RunFolder

_PAUSE_SECONDS = 0.1

app = typer.Typer(no_args_is_help=True, help="See and end what `wasmctl run` started.")


def _names() -> list[str]:
    from wasmctl.launch import folder

    return [record.name for _folder, record in folder.runs()]


_Name = Annotated[
    str,
    typer.Argument(help="A run. Default: the newest.", show_default=False, autocompletion=_names),
]


@app.command("ls")
def list_runs(output_format: FormatOption = Format.TEXT) -> None:
    """List the runs, the newest first: those that go on, and the last ten that ended."""
    from wasmctl.cli.run_order import as_json
    from wasmctl.launch import folder

    records = [record for _folder, record in folder.runs()]
    if output_format is Format.JSON:
        show_json([as_json(record) for record in records])
        return
    for record in records:
        begun = datetime.fromtimestamp(record.begun).astimezone().strftime("%Y-%m-%d %H:%M:%S")
        what = record.url if folder.is_active(record) else record.reason
        typer.echo(f"{record.name:<24} {record.state:<9} {begun}  {what}")


@app.command()
def logs(
    name: _Name = "",
    follow: Annotated[
        bool, typer.Option("-f", "--follow", help="Go on until the run ends.")
    ] = False,
    tail: Annotated[int | None, typer.Option(help="Only the last lines.", min=0)] = None,
    envoy: Annotated[bool, typer.Option("--envoy", help="Envoy's own log.")] = False,
) -> None:
    """Print what a run's plugins said."""
    from wasmctl.launch import folder

    place, record = folder.find(name)
    path = place.path / (folder.ENVOY_LOG if envoy else folder.PLUGIN_LOG)
    try:
        file = path.open(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UsageError(
            f"{record.name} wrote no {path.name}", hint="see how it went: wasmctl runs ls"
        ) from error
    with file:
        lines = file.readlines()
        typer.echo(
            "".join(lines if tail is None else lines[len(lines) - min(tail, len(lines)) :]),
            nl=False,
        )
        while follow and _is_active(place):
            typer.echo(file.read(), nl=False)
            time.sleep(_PAUSE_SECONDS)
        typer.echo(file.read(), nl=False)


def _is_active(place: "RunFolder") -> bool:
    from wasmctl.launch import folder

    record = place.record()
    return record is not None and folder.is_active(record)


@app.command()
def stop(
    name: _Name = "",
    all_runs: Annotated[bool, typer.Option("--all", help="Every run that goes on.")] = False,
) -> None:
    """End a run, and wait until it has cleaned up."""
    for record in _active(name, all_runs=all_runs):
        record.owner.stop()
        typer.echo(f"stopped {record.name}")


def _active(name: str, *, all_runs: bool) -> "list[Record]":
    from wasmctl.launch import folder

    active = [record for _folder, record in folder.runs() if folder.is_active(record)]
    if all_runs:
        return active
    if not name and active:
        return active[:1]
    _place, record = folder.find(name)
    if not folder.is_active(record):
        raise UsageError(
            f"{record.name} has ended already", hint="see what goes on: wasmctl runs ls"
        )
    return [record]


@app.command()
def rm(
    name: _Name = "",
    all_runs: Annotated[bool, typer.Option("--all", help="Every run that has ended.")] = False,
) -> None:
    """Remove the folder of a run that has ended."""
    from wasmctl.launch import folder

    if all_runs:
        folder.prune(0)
        return
    place, record = folder.find(name)
    if folder.is_active(record):
        raise UsageError(
            f"{record.name} goes on", hint=f"end it first: wasmctl runs stop {record.name}"
        )
    folder.remove(place)
    typer.echo(f"removed {place.path}")
