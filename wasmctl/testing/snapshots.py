"""Snapshots: all that a test saw, as a text that a file beside the scenario remembers.

``cart.wasmtest.yaml`` has its snapshots in ``cart.snapshots/NAME.txt``. What differs from machine
to machine and from run to run is left out, so that one snapshot is good for every target.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from wasmctl import files
from wasmctl.messages import Message
from wasmctl.testing.mismatch import Mismatch, SnapshotText
from wasmctl.testing.noise import is_noise
from wasmctl.testing.observation import Callout, Observation, Seen
from wasmctl.testing.octets import as_text
from wasmctl.testing.quoting import cut, escaped

_SUFFIX = ".txt"
_MISSING = "no such snapshot yet: write it with --update-snapshots"


def folder(scenario_file: Path) -> Path:
    """Return where the snapshots of a scenario file are."""
    return scenario_file.parent / f"{scenario_file.name.partition('.')[0]}.snapshots"


def obsolete(scenario_file: Path, used: Iterable[str]) -> tuple[Path, ...]:
    """Return the snapshots that no test names any more."""
    names = {f"{name}{_SUFFIX}" for name in used}
    found = sorted(folder(scenario_file).glob(f"*{_SUFFIX}"))
    return tuple(path for path in found if path.name not in names)


@dataclass(frozen=True, kw_only=True)
class Snapshots:
    """The snapshots of one scenario file.

    Attributes:
        update: whether what is not as remembered is remembered from now on.

    """

    folder: Path
    update: bool = False

    def settled(self, found: Iterable[Mismatch]) -> tuple[Mismatch, ...]:
        """Return what is left of mismatches once snapshots are compared, or written."""
        return tuple(left for mismatch in found for left in self._settled(mismatch))

    def _settled(self, mismatch: Mismatch) -> Iterator[Mismatch]:
        if mismatch.snapshot is None:
            yield mismatch
            return
        path = self.folder / f"{mismatch.snapshot.name}{_SUFFIX}"
        remembered = path.read_bytes() if path.is_file() else None
        if remembered == mismatch.snapshot.content:
            return
        if self.update:
            files.write(path, mismatch.snapshot.content)
        elif remembered is None:
            yield replace(mismatch, expected=_MISSING, seen="what it would hold")
        else:
            yield from _differences(mismatch, remembered, mismatch.snapshot.content)


def _differences(mismatch: Mismatch, remembered: bytes, seen: bytes) -> Iterator[Mismatch]:
    """Tell the first line that differs; those below it often follow from it."""
    left, right = (content.decode().splitlines() for content in (remembered, seen))
    for index in range(max(len(left), len(right))):
        one, other = _line(left, index), _line(right, index)
        if one != other:
            where = f"{mismatch.path}, line {index + 1}"
            yield replace(mismatch, path=where, expected=cut(one), seen=cut(other))
            return


def _line(lines: list[str], index: int) -> str:
    return lines[index].strip() if index < len(lines) else "its end"


def snapshot(name: str, observation: Observation) -> Mismatch:
    """Return what a snapshot is to be compared with, for `Snapshots` to settle."""
    content = "".join(f"{line}\n" for line in _lines(observation)).encode()
    return Mismatch(
        path="snapshot", expected="", seen="", snapshot=SnapshotText(name=name, content=content)
    )


def _lines(seen: Observation) -> Iterator[str]:
    if not seen.configured:
        # Of a trap each engine has words of its own.
        yield "did not start" if seen.trap else f"did not start: {seen.load_error}"
    for request in seen.upstream:
        yield from _message("upstream", request)
    for callout in seen.callouts:
        yield from _callout(callout)
    for answer in seen.clients:
        yield from _message("client", answer) if answer else ("client: nothing",)
    if seen.trap:
        yield f"trap: {seen.trap.kind} in {seen.trap.callback}"
    for line in seen.logs:
        yield f"log: {line.level.name.lower()} {escaped(line.text)}"
    for name, value in sorted(seen.metrics.items()):
        if value:  # one machine keeps the metrics of other tests, at 0
            yield f"metric: {name} {value}"


def _message(heading: str, seen: Seen) -> Iterator[str]:
    yield heading if seen.complete else f"{heading}, without its end"
    yield from _parts(seen.message)


def _callout(callout: Callout) -> Iterator[str]:
    yield f"callout to {callout.to}"
    yield from _parts(callout.message)


def _parts(message: Message) -> Iterator[str]:
    # The order of pseudo-headers, and of what proxies add, is theirs.
    pseudo = sorted(pair for pair in message.headers if pair[0].startswith(b":"))
    own = [pair for pair in message.headers if pair[0][:1] != b":" and not is_noise(pair[0])]
    for name, value in (*pseudo, *own):
        yield f"  {as_text(name)}: {escaped(as_text(value))}"
    for line in as_text(message.body).split("\n") if message.body else ():
        yield f"  | {escaped(line)}"
    for name, value in message.trailers:
        yield f"  trailer {as_text(name)}: {escaped(as_text(value))}"
