"""``wasmctl run``."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from wasmctl.cli import signals
from wasmctl.cli.options import Format, FormatOption, PlainHttpOption
from wasmctl.cli.output import note, show_json
from wasmctl.cli.run_options import (
    AdminPortOption,
    CapabilitiesOption,
    ClustersOption,
    ConcurrencyOption,
    DetachOption,
    DurationOption,
    EngineOption,
    EnvironmentOption,
    EnvoyPathOption,
    EnvoyVersionOption,
    FailPolicyOption,
    ImageOption,
    KindsOption,
    LogLevelOption,
    PatchesOption,
    PluginConfigsOption,
    PortOption,
    PreflightOption,
    PrintConfigOption,
    ReadyTimeoutOption,
    ReloadOption,
    RootIdsOption,
    RunNameOption,
    ServeCodeOption,
    SourcesArgument,
    UpstreamOption,
    ValuesOption,
    VmIdsOption,
)
from wasmctl.errors import InterruptedByUserError, TerminatedError

if TYPE_CHECKING:
    from wasmctl.envoy.engines.base import Engine
    from wasmctl.launch import Run
    from wasmctl.launch.folder import Record
    from wasmctl.launch.order import Order

_PAUSE_SECONDS = 0.01


def command(
    sources: SourcesArgument = None,
    upstream: UpstreamOption = None,
    clusters: ClustersOption = None,
    kinds: KindsOption = None,
    plugin_configs: PluginConfigsOption = None,
    environment: EnvironmentOption = None,
    root_ids: RootIdsOption = None,
    vm_ids: VmIdsOption = None,
    fail_policy: FailPolicyOption = None,
    capabilities: CapabilitiesOption = None,
    engine: EngineOption = "auto",
    envoy_path: EnvoyPathOption = None,
    envoy_version: EnvoyVersionOption = None,
    image: ImageOption = None,
    port: PortOption = 0,
    admin_port: AdminPortOption = 0,
    concurrency: ConcurrencyOption = 1,
    log_level: LogLevelOption = "info",
    patches: PatchesOption = None,
    values: ValuesOption = None,
    print_config: PrintConfigOption = False,
    preflight: PreflightOption = False,
    reload: ReloadOption = False,
    serve_code: ServeCodeOption = False,
    ready_timeout: ReadyTimeoutOption = 30.0,
    duration: DurationOption = None,
    detach: DetachOption = False,
    plain_http: PlainHttpOption = False,
    output_format: FormatOption = Format.TEXT,
    run_name: RunNameOption = None,
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
