"""Options that several commands share."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    """How a command prints its result."""

    TEXT = "text"
    JSON = "json"


FormatOption = Annotated[Format, typer.Option("--format", help="How to print the result.")]

ProjectOption = Annotated[
    Path,
    typer.Option("-C", "--project", metavar="DIR", help="The project's folder."),
]

PlainHttpOption = Annotated[
    bool, typer.Option("--plain-http", help="Speak HTTP, not HTTPS, to the registry.")
]

ImageArgument = Annotated[
    str,
    typer.Argument(
        metavar="REF|FILE",
        help="An image (REGISTRY/REPOSITORY:TAG, oci-layout:DIR:TAG, either with @sha256:…) or"
        " a compiled module.",
        show_default=False,
    ),
]
