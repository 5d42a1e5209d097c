"""Options that several commands share."""

import functools
import inspect
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

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

InsecureOption = Annotated[
    bool, typer.Option("--insecure", help="Accept any certificate of the registry.")
]

CaFileOption = Annotated[
    Path | None,
    typer.Option(
        "--ca-file",
        metavar="FILE",
        help="Certificates (PEM) to trust beside the system's.",
        show_default=False,
    ),
]

NoClobberOption = Annotated[
    bool, typer.Option("--no-clobber", help="Move no tag that names another image.")
]

ForceOption = Annotated[
    bool, typer.Option("--force", help="Move even a version tag, such as 1.2.3.")
]

DigestFileOption = Annotated[
    Path | None,
    typer.Option(
        "--digest-file",
        metavar="FILE",
        help="Write the image's digest to this file.",
        show_default=False,
    ),
]

_Options = TypeVar("_Options")


def parameters_of(
    options: type[_Options],
) -> Callable[[Callable[[_Options], None]], Callable[..., None]]:
    """Make a command of one that takes a dataclass: its fields are the command's parameters."""

    def command(take: Callable[[_Options], None]) -> Callable[..., None]:
        @functools.wraps(take)
        def words(**given: object) -> None:
            take(options(**given))

        # What typer reads a command's parameters from.
        fields = inspect.signature(options)
        words.__signature__ = fields  # type: ignore[attr-defined] # known to inspect alone
        words.__annotations__ = {name: one.annotation for name, one in fields.parameters.items()}
        return words

    return command
