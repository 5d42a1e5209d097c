"""``wasmctl login``."""

import sys
from typing import Annotated

import typer

from wasmctl.cli.options import CaFileOption, InsecureOption, PlainHttpOption

RegistryArgument = Annotated[
    str, typer.Argument(metavar="REGISTRY", help="Its host: ghcr.io, localhost:5000.")
]


def command(
    registry: RegistryArgument,
    username: Annotated[
        str | None, typer.Option("-u", "--username", help="Asked for on a terminal.")
    ] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    plain_http: PlainHttpOption = False,
    insecure: InsecureOption = False,
    ca_file: CaFileOption = None,
) -> None:
    """Try a user and password at a registry, and keep them where docker and podman look too.

    They go to the credential helper if the file names one.
    """
    from wasmctl.errors import UsageError
    from wasmctl.oci import login, reference
    from wasmctl.oci.access import Access

    host = reference.parse_registry(registry)
    if not (username and password_stdin) and not sys.stdin.isatty():
        raise UsageError(
            "there is no terminal to ask for user and password",
            hint="give -u USER --password-stdin, and the password on standard input",
        )
    user = username or typer.prompt("Username", err=True)
    password = _read_password() if password_stdin else _ask_password()
    access = Access(plain_http=plain_http, insecure=insecure, ca_file=ca_file)
    typer.echo(f"{host}: logged in as {user}; kept in {login.log_in(host, user, password, access)}")


def _read_password() -> str:
    # One line end is the shell's: `echo secret |`.
    return sys.stdin.read().removesuffix("\n").removesuffix("\r")


def _ask_password() -> str:
    return str(typer.prompt("Password", hide_input=True, err=True))
