"""``wasmctl run``."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from wasmctl.cli import signals
from wasmctl.cli.options import Format, parameters_of
from wasmctl.cli.output import note, show_json
from wasmctl.cli.run_options import RunOptions
from wasmctl.errors import InterruptedByUserError, TerminatedError

if TYPE_CHECKING:
    from wasmctl.envoy.engines.base import Engine
    from wasmctl.launch import Run
    from wasmctl.launch.folder import Record
    from wasmctl.launch.order import Order

_PAUSE_SECONDS = 0.01


@parameters_of(RunOptions)
def command(given: RunOptions) -> None:
    """Put plugins into a real Envoy and keep it running, with nothing to write or clean up.

    Exits 9 when Envoy refuses a plugin or dies, 12 when it is not ready in time.
    """
    from wasmctl.cli import run_order

    order = run_order.order(given)
    if given.print_config:
        show_json(run_order.bootstrap(order))
        return
    engine = _engine(given)
    if given.preflight:
        _preflight(order, engine)
    elif given.detach:
        _detach(order, given.output_format)
    else:
        _run(order, engine, given)


def _engine(given: RunOptions) -> "Engine":
    from wasmctl.envoy import engines
    from wasmctl.envoy.engines.base import Choice

    choice = Choice(
        path=given.envoy_path, version=given.envoy_version, image=given.image, on_progress=note
    )
    return engines.choose(given.engine, choice)


def _preflight(order: "Order", engine: "Engine") -> None:
    import tempfile

    from wasmctl.launch import preflight

    with tempfile.TemporaryDirectory(prefix="wasmctl-") as place:
        preflight.check(order, engine, Path(place))
    for plugin in order.plugins:
        typer.echo(f"{plugin.name}: {engine.title} takes {plugin.plugin.digest}")


def _run(order: "Order", engine: "Engine", given: RunOptions) -> None:
    from wasmctl import launch
    from wasmctl.cli.run_voice import Voice

    voice = Voice(given.log_level)
    try:
        with launch.running(order, engine, on_said=voice, on_note=note) as run:
            voice.is_ready = True
            _announce(run.record, given.output_format)
            _wait(run, given.duration)
    except KeyboardInterrupt as error:
        note("stopped")
        raise typer.Exit(InterruptedByUserError.exit_code) from error
    except TerminatedError as error:
        note("stopped")
        raise typer.Exit(TerminatedError.exit_code) from error


def _wait(run: "Run", duration: float | None) -> None:
    end = time.monotonic() + duration if duration is not None else None
    while end is None or time.monotonic() < end:
        signals.check()
        run.check()
        time.sleep(_PAUSE_SECONDS)


def _announce(record: "Record", output_format: Format) -> None:
    from wasmctl.cli.run_order import as_json

    if output_format is Format.JSON:
        show_json(as_json(record))
    else:
        note(f"{record.name}: Envoy {record.release}, {record.machine}")
        for plugin in record.plugins:
            note(f"{plugin.name}: {plugin.kind}, {plugin.digest}")
        typer.echo(f"url    {record.url}")
        typer.echo(f"admin  {record.admin}")
    sys.stdout.flush()


def _detach(order: "Order", output_format: Format) -> None:
    from wasmctl.launch import detached

    words = [word for word in sys.argv[1:] if word != "--detach"]
    command = [sys.executable, "-m", "wasmctl", *words, "--run-name", order.name]
    record = detached.started(command, order.name, seconds=order.ready_seconds + 5)
    if isinstance(record, detached.Ended):
        typer.echo(record.said, err=True, nl=False)
        raise typer.Exit(record.exit_code)
    _announce(record, output_format)
    note(f"it goes on; end it with: wasmctl runs stop {record.name}")
