"""One request through a plugin on the embedded host, and all that could be seen of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wasmctl import outcomes, plugin
from wasmctl.errors import FilesError, NotAPluginError, UsageError
from wasmctl.host import timeline
from wasmctl.messages import Message, Pair
from wasmctl.project import Project
from wasmctl.testing import readers, traces
from wasmctl.testing.blame import Blame, Wrong
from wasmctl.testing.fields import Fields
from wasmctl.testing.observation import Observation, Seen
from wasmctl.testing.octets import as_text
from wasmctl.testing.quoting import quoted
from wasmctl.testing.scalars import Value
from wasmctl.testing.targets.base import PluginSetup, Sending, Setup, Target, Until


@dataclass(frozen=True, kw_only=True)
class Call:
    """What was sent on both sides, and what was seen."""

    request: Message
    reply: Message
    seen: Observation


def setup(module: Path | None, configuration: bytes | None, project: Project | None) -> Setup:
    """Say how the plugin is to be started: as named, and for the rest as the project says.

    Raises UsageError where nobody names a module, FilesError and NotAPluginError where it cannot
    be had.
    """
    path = module or (project.output if project else None)
    if path is None:
        raise UsageError("no plugin is named", hint="name one with --wasm FILE, or be in a project")
    if not path.exists():
        raise FilesError(f"no module at {path}", hint="build it first: wasmctl build")
    table = project.file.plugin if project else None
    own = project.configuration() if project and configuration is None else b""
    started = PluginSetup(
        plugin=plugin.open_plugin(path),
        configuration=own if configuration is None else configuration,
        root_id=table.root_id if table else "",
        vm_id=table.vm_id if table else "",
        environment=table.env if table else {},
    )
    return Setup(key="call", plugins=(started,))


def play(target: Target, setup: Setup, request: Message, reply: Message) -> Call:
    """Start the plugin, and send the request through it.

    Raises NotAPluginError where it does not start.
    """
    with target.stage([setup]) as stage, stage.session(setup) as session:
        sending = Sending(request=request, origin=outcomes.reply(reply))
        session.send(sending)
        session.wait(sending.stream, Until.DONE)
        seen = session.observation()
    if not seen.configured:
        logged = [f"log: {line.level.name.lower()} {quoted(line.text)}" for line in seen.logs]
        hint = "see what it says above, and its configuration"
        details = (*timeline(seen.trace), *logged)
        raise NotAPluginError(
            f"the plugin did not start: {seen.load_error}", hint=hint, details=details
        )
    return Call(request=request, reply=reply, seen=seen)


def headers(written: list[str]) -> tuple[Pair, ...]:
    """Read ``name: value`` lines; raises UsageError for what is none."""
    blame = Blame()
    pairs: list[Value] = []
    for line in written:
        name, colon, value = line.partition(":")
        if not colon:
            blame.append(Wrong(at=(), message=f"{line!r} has no colon"))
        pairs.append([name.strip(), value.strip()])
    fields: Fields = readers.fields_in(pairs, blame)
    if blame.wrongs:
        hint = "write -H 'name: value'; the method, authority and path have words of their own"
        raise UsageError(f"not a header: {blame.wrongs[0].message}", hint=hint)
    return tuple((name, value) for name, value in fields if value is not None)


def as_json(call: Call) -> dict[str, Any]:
    """Return a call as plain values; bytes that are not text stand as lone surrogates."""
    seen = call.seen
    return {
        "request": _message(call.request),
        "upstream": [_seen(each) for each in seen.upstream],
        "reply": _message(call.reply),
        "client": _seen(seen.client) if seen.client else None,
        "logs": [{"level": each.level.name.lower(), "text": each.text} for each in seen.logs],
        "metrics": dict(seen.metrics),
        "trap": f"{seen.trap.kind} in {seen.trap.callback}" if seen.trap else None,
        "paused_at": seen.paused_at,
        "unimplemented": list(seen.unimplemented),
        "trace": traces.as_json(seen.trace),
    }


def _seen(seen: Seen) -> dict[str, Any]:
    return {**_message(seen.message), "complete": seen.complete}


def _message(message: Message) -> dict[str, Any]:
    return {
        "headers": _pairs(message.headers),
        "chunks": [as_text(chunk) for chunk in message.chunks],
        "trailers": _pairs(message.trailers),
    }


def _pairs(fields: tuple[Pair, ...]) -> list[list[str]]:
    return [[as_text(name), as_text(value)] for name, value in fields]


def as_lines(call: Call) -> list[str]:
    """Return a call as people read it, in the order in which it went."""
    seen = call.seen
    lines = ["client sends", *_shown(call.request)]
    for each in seen.upstream:
        lines += [_heading("upstream receives", each), *_shown(each.message)]
        lines += ["upstream answers", *_shown(call.reply)] if each.complete else []
    if not seen.upstream:
        lines.append("upstream receives nothing")
    if seen.client:
        lines += [_heading("client receives", seen.client), *_shown(seen.client.message)]
    else:
        lines.append("client receives nothing")
    return [*lines, *_traced(seen), *_beside(seen)]


def _traced(seen: Observation) -> list[str]:
    """Tell what went on inside, if that was asked for."""
    return ["inside", *(f"  {line}" for line in timeline(seen.trace))] if seen.trace else []


def _heading(words: str, seen: Seen) -> str:
    return words if seen.complete else f"{words}, and its end never came"


def _shown(message: Message) -> list[str]:
    fields = [f"  {as_text(name)}: {_value(value)}" for name, value in message.headers]
    body = [f"  body {quoted(as_text(chunk))}" for chunk in message.chunks]
    trailers = [f"  trailer {as_text(name)}: {_value(value)}" for name, value in message.trailers]
    return [*fields, *body, *trailers]


def _value(value: bytes) -> str:
    text = as_text(value)
    return text if text.isprintable() else quoted(text)


def _beside(seen: Observation) -> list[str]:
    lines = [f"paused in {seen.paused_at}: nothing could resume it"] if seen.paused_at else []
    if seen.trap:
        frames = (f"  at {frame}" for frame in seen.trap.backtrace)
        lines += [f"trap: {seen.trap.kind} in {seen.trap.callback}", *frames]
    lines += [f"not there yet: {name}" for name in seen.unimplemented]
    lines += [f"log {line.level.name.lower()} {quoted(line.text)}" for line in seen.logs]
    lines += [f"metric {name} {value}" for name, value in sorted(seen.metrics.items())]
    return lines
