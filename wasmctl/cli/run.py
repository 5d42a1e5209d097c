"""``wasmctl run``."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wasmctl.cli import signals
from wasmctl.cli.options import Format, FormatOption, PlainHttpOption
from wasmctl.cli.output import note, show_json
from wasmctl.errors import InterruptedByUserError, TerminatedError

if TYPE_CHECKING:
    from wasmctl.envoy.engines.base import Engine
    from wasmctl.launch import Run
    from wasmctl.launch.folder import Record
    from wasmctl.launch.order import Order

_PAUSE_SECONDS = 0.01


def _engines() -> list[str]:
    from wasmctl.envoy.engines import AUTO, ENGINES

    return [AUTO, *ENGINES]


def _kinds() -> list[str]:
    from wasmctl.envoy.plugin_config import Kind

    return list(Kind)


def command(
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FILE|DIR|IMAGE]...",
            help="Modules, projects' folders or images, in the order in which a request meets"
            " them. Default: the project in this folder.",
            show_default=False,
        ),
    ] = None,
    upstream: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Where requests lead: http, https, h2c, grpc, grpcs or tcp."
            " Default: a built-in upstream that shows each request as it saw it.",
        ),
    ] = None,
    clusters: Annotated[
        list[str] | None,
        typer.Option("--cluster", metavar="NAME=URL", help="A cluster for callouts."),
    ] = None,
    kinds: Annotated[
        list[str] | None,
        typer.Option(
            "--kind",
            metavar="[PLUGIN=]KIND",
            help="`http`, `http-upstream`, `network`, `access-logger` or `service`.",
            autocompletion=_kinds,
        ),
    ] = None,
    plugin_configs: Annotated[
        list[str] | None,
        typer.Option(
            "--plugin-config",
            metavar="[PLUGIN=]TEXT|@FILE",
            help="The plugin's configuration. Default: the project's.",
        ),
    ] = None,
    environment: Annotated[
        list[str] | None,
        typer.Option("--env", metavar="K=V", help="A variable of the plugins' VMs."),
    ] = None,
    root_ids: Annotated[
        list[str] | None, typer.Option("--root-id", metavar="[PLUGIN=]ID", help="The root id.")
    ] = None,
    vm_ids: Annotated[
        list[str] | None, typer.Option("--vm-id", metavar="[PLUGIN=]ID", help="The VM's id.")
    ] = None,
    fail_policy: Annotated[
        str | None,
        typer.Option(metavar="POLICY", help="After a trap: `closed`, `open` or `reload`."),
    ] = None,
    capabilities: Annotated[
        list[str] | None,
        typer.Option(
            "--capability",
            metavar="FUNCTION",
            help="The only functions that plugins may call, or be called with.",
        ),
    ] = None,
    engine: Annotated[
        str,
        typer.Option(
            metavar="ENGINE",
            help="What runs Envoy: `auto`, `process` or `container`.",
            autocompletion=_engines,
        ),
    ] = "auto",
    envoy_path: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The Envoy to run.")
    ] = None,
    envoy_version: Annotated[
        str | None, typer.Option(metavar="RELEASE", help="The release of Envoy to run.")
    ] = None,
    image: Annotated[
        str | None, typer.Option(metavar="IMAGE", help="The image of the engine `container`.")
    ] = None,
    port: Annotated[int, typer.Option(help="The port on 127.0.0.1. 0: any.")] = 0,
    admin_port: Annotated[int, typer.Option(help="The port of the admin interface.")] = 0,
    concurrency: Annotated[int, typer.Option(min=1, help="How many workers.")] = 1,
    log_level: Annotated[
        str, typer.Option(metavar="LEVEL", help="From which level on messages are shown.")
    ] = "info",
    patches: Annotated[
        list[Path] | None,
        typer.Option("--patch", metavar="FILE", help="A JSON Merge Patch on the bootstrap."),
    ] = None,
    values: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="Set a value of the bootstrap."),
    ] = None,
    print_config: Annotated[
        bool, typer.Option("--print-config", help="Print the bootstrap, and start nothing.")
    ] = False,
    preflight: Annotated[
        bool, typer.Option("--preflight", help="Only see whether Envoy takes the plugins.")
    ] = False,
    reload: Annotated[
        bool, typer.Option("--reload", help="Replace a plugin when its file changes.")
    ] = False,
    serve_code: Annotated[
        bool, typer.Option("--serve-code", help="Let Envoy fetch the modules over HTTP.")
    ] = False,
    ready_timeout: Annotated[
        float, typer.Option(metavar="SECONDS", help="How long the start may take.")
    ] = 30.0,
    duration: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="End after this time.")
    ] = None,
    detach: Annotated[
        bool, typer.Option("--detach", help="Go on in the background; see `wasmctl runs`.")
    ] = False,
    plain_http: PlainHttpOption = False,
    output_format: FormatOption = Format.TEXT,
    run_name: Annotated[str | None, typer.Option("--run-name", hidden=True)] = None,
) -> None:
    """Put plugins into a real Envoy and keep it running, with nothing to write or clean up.

    Exits 9 when Envoy refuses a plugin or dies, 12 when it is not ready in time.
    """
    from wasmctl.cli import run_order

    order = run_order.order(
        sources or ["."],
        run_order.Given(
            upstream=upstream,
            clusters=clusters or [],
            kinds=kinds or [],
            plugin_configs=plugin_configs or [],
            environment=environment or [],
            root_ids=root_ids or [],
            vm_ids=vm_ids or [],
            fail_policy=fail_policy,
            capabilities=capabilities or [],
            patches=patches or [],
            values=values or [],
            plain_http=plain_http,
            run_name=run_name,
        ),
        port=port,
        admin_port=admin_port,
        concurrency=concurrency,
        reload=reload,
        serve_code=serve_code,
        ready_seconds=ready_timeout,
    )
    if print_config:
        show_json(run_order.bootstrap(order))
        return
    chosen = _engine(engine, path=envoy_path, version=envoy_version, image=image)
    if preflight:
        _preflight(order, chosen)
    elif detach:
        _detach(order, output_format)
    else:
        _run(order, chosen, log_level=log_level, duration=duration, output_format=output_format)


def _engine(name: str, *, path: Path | None, version: str | None, image: str | None) -> "Engine":
    from wasmctl.envoy import engines
    from wasmctl.envoy.engines.base import Choice

    return engines.choose(name, Choice(path=path, version=version, image=image, on_progress=note))


def _preflight(order: "Order", engine: "Engine") -> None:
    import tempfile

    from wasmctl.launch import preflight

    with tempfile.TemporaryDirectory(prefix="wasmctl-") as place:
        preflight.check(order, engine, Path(place))
    for plugin in order.plugins:
        typer.echo(f"{plugin.name}: {engine.title} takes {plugin.plugin.digest}")


def _run(
    order: "Order",
    engine: "Engine",
    *,
    log_level: str,
    duration: float | None,
    output_format: Format,
) -> None:
    from wasmctl import launch
    from wasmctl.cli.run_voice import Voice

    voice = Voice(log_level)
    try:
        with launch.running(order, engine, on_said=voice, on_note=note) as run:
            voice.is_ready = True
            _announce(run.record, output_format)
            _wait(run, duration)
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
