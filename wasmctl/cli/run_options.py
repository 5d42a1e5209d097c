"""The options of ``wasmctl run``."""

from pathlib import Path
from typing import Annotated

import typer


def _engines() -> list[str]:
    from wasmctl.envoy.engines import AUTO, ENGINES

    return [AUTO, *ENGINES]


def _kinds() -> list[str]:
    from wasmctl.envoy.plugin_config import Kind

    return list(Kind)


SourcesArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[FILE|DIR|IMAGE]...",
        help="Modules, projects' folders or images, in the order in which a request meets"
        " them. Default: the project in this folder.",
        show_default=False,
    ),
]

UpstreamOption = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="Where requests lead: http, https, h2c, grpc, grpcs or tcp."
        " Default: a built-in upstream that shows each request as it saw it.",
    ),
]

ClustersOption = Annotated[
    list[str] | None,
    typer.Option("--cluster", metavar="NAME=URL", help="A cluster for callouts."),
]

KindsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--kind",
        metavar="[PLUGIN=]KIND",
        help="`http`, `http-upstream`, `network`, `access-logger` or `service`.",
        autocompletion=_kinds,
    ),
]

PluginConfigsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--plugin-config",
        metavar="[PLUGIN=]TEXT|@FILE",
        help="The plugin's configuration. Default: the project's.",
    ),
]

EnvironmentOption = Annotated[
    list[str] | None,
    typer.Option("--env", metavar="K=V", help="A variable of the plugins' VMs."),
]

RootIdsOption = Annotated[
    list[str] | None, typer.Option("--root-id", metavar="[PLUGIN=]ID", help="The root id.")
]

VmIdsOption = Annotated[
    list[str] | None, typer.Option("--vm-id", metavar="[PLUGIN=]ID", help="The VM's id.")
]

FailPolicyOption = Annotated[
    str | None,
    typer.Option(metavar="POLICY", help="After a trap: `closed`, `open` or `reload`."),
]

CapabilitiesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--capability",
        metavar="FUNCTION",
        help="The only functions that plugins may call, or be called with.",
    ),
]

EngineOption = Annotated[
    str,
    typer.Option(
        metavar="ENGINE",
        help="What runs Envoy: `auto`, `process` or `container`.",
        autocompletion=_engines,
    ),
]

EnvoyPathOption = Annotated[Path | None, typer.Option(metavar="FILE", help="The Envoy to run.")]

EnvoyVersionOption = Annotated[
    str | None, typer.Option(metavar="RELEASE", help="The release of Envoy to run.")
]

ImageOption = Annotated[
    str | None, typer.Option(metavar="IMAGE", help="The image of the engine `container`.")
]

PortOption = Annotated[int, typer.Option(help="The port on 127.0.0.1. 0: any.")]

AdminPortOption = Annotated[int, typer.Option(help="The port of the admin interface.")]

ConcurrencyOption = Annotated[int, typer.Option(min=1, help="How many workers.")]

LogLevelOption = Annotated[
    str, typer.Option(metavar="LEVEL", help="From which level on messages are shown.")
]

PatchesOption = Annotated[
    list[Path] | None,
    typer.Option("--patch", metavar="FILE", help="A JSON Merge Patch on the bootstrap."),
]

ValuesOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Set a value of the bootstrap."),
]

PrintConfigOption = Annotated[
    bool, typer.Option("--print-config", help="Print the bootstrap, and start nothing.")
]

PreflightOption = Annotated[
    bool, typer.Option("--preflight", help="Only see whether Envoy takes the plugins.")
]

ReloadOption = Annotated[
    bool, typer.Option("--reload", help="Replace a plugin when its file changes.")
]

ServeCodeOption = Annotated[
    bool, typer.Option("--serve-code", help="Let Envoy fetch the modules over HTTP.")
]

ReadyTimeoutOption = Annotated[
    float, typer.Option(metavar="SECONDS", help="How long the start may take.")
]

DurationOption = Annotated[
    float | None, typer.Option(metavar="SECONDS", help="End after this time.")
]

DetachOption = Annotated[
    bool, typer.Option("--detach", help="Go on in the background; see `wasmctl runs`.")
]

RunNameOption = Annotated[str | None, typer.Option("--run-name", hidden=True)]
