"""``wasmctl schema``."""

from enum import StrEnum
from typing import Annotated

import typer


class _Kind(StrEnum):
    SCENARIO = "scenario"
    PROJECT = "project"


def command(
    kind: Annotated[_Kind, typer.Argument(help="Of which file.", show_default=False)],
) -> None:
    """Print the JSON Schema of scenario files or of the project file, for editors."""
    from wasmctl import project
    from wasmctl.testing import schema

    made = schema.json_schema if kind is _Kind.SCENARIO else project.json_schema
    typer.echo(made(), nl=False)
