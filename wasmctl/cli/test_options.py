"""The options of ``wasmctl test``."""

from pathlib import Path
from typing import Annotated

import typer


def _target_names() -> list[str]:
    from wasmctl.testing.targets import TARGETS

    return list(TARGETS)


PathsArgument = Annotated[
    list[Path] | None,
    typer.Argument(help="Scenario files, or folders of them. Default: the project's tests."),
]
OnOption = Annotated[
    str | None,
    typer.Option(
        metavar="TARGETS",
        help="Where they run: `harness`, `envoy` or `harness,envoy`. Default: the project's.",
        autocompletion=_target_names,
    ),
]
ListOption = Annotated[bool, typer.Option("--list", help="Name the tests; run none.")]
ExpressionOption = Annotated[
    str,
    typer.Option(
        "-k",
        metavar="EXPR",
        help="Run tests whose file, name or tags have these words: `cart and not slow`.",
    ),
]
TagOption = Annotated[
    list[str] | None,
    typer.Option("--tag", metavar="TAG", help="Run tests with this tag; may be repeated."),
]
FailFastOption = Annotated[bool, typer.Option("--fail-fast", help="Stop at the first failure.")]
ShuffleOption = Annotated[
    int | None, typer.Option(metavar="SEED", help="Run in an order that this number decides.")
]
RepeatOption = Annotated[
    int, typer.Option(metavar="N", min=1, max=10_000, help="Run every test so often.")
]
WorkersOption = Annotated[
    int, typer.Option("--workers", "-n", metavar="N", min=1, max=256, help="Run in N processes.")
]
ShardOption = Annotated[
    str | None, typer.Option(metavar="I/N", help="Run the I-th of N parts of the tests.")
]
MinTestsOption = Annotated[
    int, typer.Option(metavar="N", min=0, help="Fail if fewer tests ran than these.")
]
FreshOption = Annotated[bool, typer.Option("--fresh", help="Build first if an input changed.")]
TraceOption = Annotated[
    bool,
    typer.Option("--trace", help="Show the calls between host and plugin of every test."),
]
UpdateSnapshotsOption = Annotated[
    bool, typer.Option("--update-snapshots", help="Let snapshots hold what is seen now.")
]
JunitOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write a JUnit report for CI, too.")
]
TapOption = Annotated[Path | None, typer.Option(metavar="FILE", help="Write a TAP report, too.")]
GithubOption = Annotated[
    bool, typer.Option("--github", help="Print failures as annotations of GitHub Actions, too.")
]
