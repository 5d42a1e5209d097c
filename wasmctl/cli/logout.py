"""``wasmctl logout``."""

import typer

from wasmctl.cli.login import RegistryArgument


def command(registry: RegistryArgument) -> None:
    """Forget the user and password for a registry."""
    from wasmctl.oci import login, reference

    host = reference.parse_registry(registry)
    place = login.log_out(host)
    typer.echo(f"{host}: removed from {place}" if place else f"{host}: there was no login")
