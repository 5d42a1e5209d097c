"""The command line: the app, and the one place where errors become exit codes."""

import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from wasmctl.cli import (
    build,
    cache,
    call,
    check,
    copy,
    doctor,
    init,
    inspect,
    login,
    logout,
    pull,
    push,
    run,
    runs,
    schema,
    signals,
    tags,
    test,
    verify,
)
from wasmctl.cli.output import show_error
from wasmctl.errors import InterruptedByUserError, WasmctlError


class _Root(TyperGroup):
    """The root group: an expected failure is shown once, and its code is the exit code."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - typer's own context class is private
        try:
            return super().invoke(ctx)
        except WasmctlError as error:
            show_error(error)
            raise typer.Exit(error.exit_code) from error
        except KeyboardInterrupt as error:
            stop = InterruptedByUserError("interrupted", hint="run the command again when ready")
            show_error(stop)
            raise typer.Exit(stop.exit_code) from error


app = typer.Typer(
    cls=_Root,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_show_locals=False,  # they could show a password
    context_settings={"help_option_names": ["-h", "--help"]},
)

_COMMANDS: dict[str, Callable[..., None]] = {
    "init": init.command,
    "build": build.command,
    "check": check.command,
    "test": test.command,
    "call": call.command,
    "run": run.command,
    "inspect": inspect.command,
    "push": push.command,
    "pull": pull.command,
    "copy": copy.command,
    "tags": tags.command,
    "verify": verify.command,
    "login": login.command,
    "logout": logout.command,
    "schema": schema.command,
    "doctor": doctor.command,
}

for _name, _command in _COMMANDS.items():
    app.command(_name)(_command)
    if _name == "build":
        app.add_typer(cache.app, name="cache")
    if _name == "run":
        app.add_typer(runs.app, name="runs")


def _show_version(wanted: bool) -> None:
    if wanted:
        from wasmctl import __version__

        typer.echo(f"wasmctl {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Scaffold, build, test and push Proxy-Wasm plugins.

    Each command exits 0 on success; every other code has one meaning, listed in the manual.
    """


def main() -> None:
    """Run the command line of this process."""
    signals.install()
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")
    app(prog_name="wasmctl")
