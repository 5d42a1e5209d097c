"""What the host and Envoy show of a case, and where the two part."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from wasmctl.messages import Message
from wasmctl.records import LogLine


@dataclass(frozen=True, kw_only=True)
class Side:
    """A message at an edge, as far as it came."""

    message: Message
    complete: bool


@dataclass(frozen=True, kw_only=True)
class Seen:
    """All that one of the two shows.

    Attributes:
        trace: the lines of ``wasm:trace``; empty where they are not compared.
        client: the answer of each exchange; None where none began.
        upstream: the requests that reached the origin.
        callouts: the requests that reached other upstreams, by cluster.
        refusal: why the plugins were not taken, None where they were.
        hazards: the host's alone, by name; not compared.

    """

    trace: tuple[str, ...] = ()
    logs: tuple[LogLine, ...] = ()
    client: tuple[Side | None, ...] = ()
    upstream: tuple[Side, ...] = ()
    callouts: Mapping[str, tuple[Message, ...]] = field(default_factory=dict)
    metrics: Mapping[str, int] = field(default_factory=dict)
    trap: str | None = None
    refusal: str | None = None
    hazards: tuple[str, ...] = ()

    @property
    def is_waiting(self) -> bool:
        """Whether a client was left without its whole answer."""
        return any(answer is None or not answer.complete for answer in self.client)


def differences(host: Seen, envoy: Seen, unseen: tuple[str, ...] = ()) -> list[str]:
    """Return where the two part, for people; the trace from a few lines before on."""
    found = []
    for name in ("refusal", "trap", "client", "upstream", "callouts", "metrics"):
        one, other = getattr(host, name), getattr(envoy, name)
        if one != other and name not in unseen:
            found += [f"{name}:", f"  host:  {one}", f"  envoy: {other}"]
    for name in ("trace", "logs"):
        found += _sequences(name, getattr(host, name), getattr(envoy, name))
    return found


_BEFORE, _BEHIND = 6, 8


def _sequences(name: str, one: tuple[object, ...], other: tuple[object, ...]) -> Iterator[str]:
    if one == other:
        return
    pairs = enumerate(zip(one, other, strict=False))
    first = next((at for at, (left, right) in pairs if left != right), min(len(one), len(other)))
    yield f"{name}, from the entry {first} on:"
    for who, entries in (("host", one), ("envoy", other)):
        yield f"  {who}:"
        yield from (f"    {entry}" for entry in entries[max(0, first - _BEFORE) : first])
        yield from (f"  > {entry}" for entry in entries[first : first + _BEHIND])
