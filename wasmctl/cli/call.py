"""``wasmctl call``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wasmctl.cli.options import Format, FormatOption, ProjectOption
from wasmctl.cli.output import show_json
from wasmctl.errors import UsageError

if TYPE_CHECKING:
    from wasmctl.project import Project

_BODY = "A text, or `@FILE`."
HeaderOption = Annotated[
    list[str] | None, typer.Option("--header", "-H", metavar="'NAME: VALUE'", help="A header.")
]


TargetArgument = Annotated[
    list[str],
    typer.Argument(metavar="[METHOD] PATH", help="What is asked for.", show_default=False),
]

BodyOption = Annotated[str | None, typer.Option(metavar="BODY", help=_BODY)]

ChunkOption = Annotated[
    list[str] | None,
    typer.Option(metavar="BODY", help="A frame of the body; may be repeated."),
]

AuthorityOption = Annotated[str, typer.Option(metavar="HOST", help="Whom it is for.")]

ResponseOption = Annotated[
    int, typer.Option(metavar="STATUS", min=200, max=599, help="What the upstream answers.")
]

ResponseHeaderOption = Annotated[
    list[str] | None, typer.Option(metavar="'NAME: VALUE'", help="A header of the answer.")
]

ResponseBodyOption = Annotated[str | None, typer.Option(metavar="BODY", help=_BODY)]

WasmOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="The plugin. Default: the project's.")
]

ConfigOption = Annotated[
    str | None,
    typer.Option(metavar="BODY", help="Its configuration: a text, or `@FILE`."),
]

TraceOption = Annotated[
    bool, typer.Option("--trace", help="Show every call between host and plugin, explained.")
]


def command(
    target: TargetArgument,
    header: HeaderOption = None,
    body: BodyOption = None,
    chunk: ChunkOption = None,
    authority: AuthorityOption = "example.test",
    response: ResponseOption = 200,
    response_header: ResponseHeaderOption = None,
    response_body: ResponseBodyOption = None,
    wasm: WasmOption = None,
    config: ConfigOption = None,
    folder: ProjectOption = Path(),
    trace: TraceOption = False,
    output_format: FormatOption = Format.TEXT,
) -> None:
    """Send one request through the plugin on the embedded host, and show where it went.

    What the client sent, what the upstream received and answered, what the client received; then
    the plugin's trap, logs and metrics.
    """
    from wasmctl import messages
    from wasmctl.testing import calling
    from wasmctl.testing.targets.harness import HarnessTarget

    setup = calling.setup(wasm, _content(config) if config else None, _project(folder, wasm))
    method, path = _method_and_path(target, has_body=bool(body or chunk))
    request = messages.request(
        path,
        method=method,
        authority=authority,
        headers=calling.headers(header or []),
        chunks=_chunks(body, chunk or []),
    )
    reply = messages.response(
        response,
        headers=calling.headers(response_header or []),
        chunks=_chunks(response_body, []),
    )
    call = calling.play(HarnessTarget(trace=trace), setup, request, reply)
    if output_format is Format.JSON:
        show_json(calling.as_json(call))
    else:
        typer.echo("\n".join(calling.as_lines(call)))


def _project(folder: Path, wasm: Path | None) -> "Project | None":
    from wasmctl import project

    if wasm and not (folder / project.FILE_NAME).exists():
        return None
    return project.load(folder)


def _method_and_path(words: list[str], *, has_body: bool) -> tuple[str, str]:
    from wasmctl.testing import readers
    from wasmctl.testing.blame import Blame

    hint = "write: wasmctl call GET /path"
    *before, path = words
    if len(before) > 1:
        raise UsageError(f"{path!r} is one word too many", hint=hint)
    method = before[0] if before else ("POST" if has_body else "GET")
    blame = Blame()
    read = readers.method(method, blame), readers.path(path, blame)
    if blame.wrongs:
        raise UsageError(blame.wrongs[0].message, hint=hint)
    return read


def _chunks(body: str | None, chunks: list[str]) -> tuple[bytes, ...]:
    if body is not None and chunks:
        raise UsageError("--body and --chunk: one of them is enough", hint="repeat --chunk")
    return tuple(_content(part) for part in ([body] if body else chunks))


def _content(written: str) -> bytes:
    from wasmctl import files

    if written.startswith("@"):
        return files.read(Path(written[1:]))
    return written.encode(errors="surrogateescape")
