"""The options of ``wasmctl run``."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from wasmctl.cli.options import Format, FormatOption, PlainHttpOption


def _engines() -> list[str]:
    from wasmctl.envoy.engines import AUTO, ENGINES

    return [AUTO, *ENGINES]


def _kinds() -> list[str]:
    from wasmctl.envoy.plugin_config import Kind

    return list(Kind)


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """The words of the command line, which have yet to be understood."""

    sources: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FILE|DIR|IMAGE]...",
            help="Modules, projects' folders or images, in the order in which a request meets"
            " them. Default: the project in this folder.",
            show_default=False,
        ),
    ] = None
    upstream: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Where requests lead: http, https, h2c, grpc, grpcs or tcp."
            " Default: a built-in upstream that shows each request as it saw it.",
        ),
    ] = None
    clusters: Annotated[
        list[str] | None,
        typer.Option("--cluster", metavar="NAME=URL", help="A cluster for callouts."),
    ] = None
    kinds: Annotated[
        list[str] | None,
        typer.Option(
            "--kind",
            metavar="[PLUGIN=]KIND",
            help="`http`, `http-upstream`, `network`, `access-logger` or `service`.",
            autocompletion=_kinds,
        ),
    ] = None
    plugin_configs: Annotated[
        list[str] | None,
        typer.Option(
            "--plugin-config",
            metavar="[PLUGIN=]TEXT|@FILE",
            help="The plugin's configuration. Default: the project's.",
        ),
    ] = None
    environment: Annotated[
        list[str] | None,
        typer.Option("--env", metavar="K=V", help="A variable of the plugins' VMs."),
    ] = None
    root_ids: Annotated[
        list[str] | None, typer.Option("--root-id", metavar="[PLUGIN=]ID", help="The root id.")
    ] = None
    vm_ids: Annotated[
        list[str] | None, typer.Option("--vm-id", metavar="[PLUGIN=]ID", help="The VM's id.")
    ] = None
    fail_policy: Annotated[
        str | None,
        typer.Option(metavar="POLICY", help="After a trap: `closed`, `open` or `reload`."),
    ] = None
    capabilities: Annotated[
        list[str] | None,
        typer.Option(
            "--capability",
            metavar="FUNCTION",
            help="The only functions that plugins may call, or be called with.",
        ),
    ] = None
    engine: Annotated[
        str,
        typer.Option(
            metavar="ENGINE",
            help="What runs Envoy: `auto`, `process` or `container`.",
            autocompletion=_engines,
        ),
    ] = "auto"
    envoy_path: Annotated[Path | None, typer.Option(metavar="FILE", help="The Envoy to run.")] = (
        None
    )
    envoy_version: Annotated[
        str | None, typer.Option(metavar="RELEASE", help="The release of Envoy to run.")
    ] = None
    image: Annotated[
        str | None, typer.Option(metavar="IMAGE", help="The image of the engine `container`.")
    ] = None
    port: Annotated[int, typer.Option(help="The port on 127.0.0.1. 0: any.")] = 0
    admin_port: Annotated[int, typer.Option(help="The port of the admin interface.")] = 0
    concurrency: Annotated[int, typer.Option(min=1, help="How many workers.")] = 1
    log_level: Annotated[
        str, typer.Option(metavar="LEVEL", help="From which level on messages are shown.")
    ] = "info"
    patches: Annotated[
        list[Path] | None,
        typer.Option("--patch", metavar="FILE", help="A JSON Merge Patch on the bootstrap."),
    ] = None
    values: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="Set a value of the bootstrap."),
    ] = None
    print_config: Annotated[
        bool, typer.Option("--print-config", help="Print the bootstrap, and start nothing.")
    ] = False
    preflight: Annotated[
        bool, typer.Option("--preflight", help="Only see whether Envoy takes the plugins.")
    ] = False
    reload: Annotated[
        bool, typer.Option("--reload", help="Replace a plugin when its file changes.")
    ] = False
    serve_code: Annotated[
        bool, typer.Option("--serve-code", help="Let Envoy fetch the modules over HTTP.")
    ] = False
    ready_timeout: Annotated[
        float, typer.Option(metavar="SECONDS", help="How long the start may take.")
    ] = 30.0
    duration: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="End after this time.")
    ] = None
    detach: Annotated[
        bool, typer.Option("--detach", help="Go on in the background; see `wasmctl runs`.")
    ] = False
    plain_http: PlainHttpOption = False
    output_format: FormatOption = Format.TEXT
    run_name: Annotated[str | None, typer.Option("--run-name", hidden=True)] = None
