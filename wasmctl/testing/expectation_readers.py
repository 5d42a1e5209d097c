"""The readers of what is expected, one for each thing that has several forms."""

import re
from dataclasses import dataclass

from wasmctl import spelling
from wasmctl.abi.hostcalls import HOSTCALLS
from wasmctl.abi.wasi import WASI_FUNCTIONS
from wasmctl.testing import grammar, logs, matchers
from wasmctl.testing.blame import Blame, Wrong, kind_of
from wasmctl.testing.logs import LogMatcher
from wasmctl.testing.matchers import Matcher
from wasmctl.testing.operators import Kind
from wasmctl.testing.scalars import Value
from wasmctl.testing.words import PAUSES, one_of

SNAPSHOT = r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}"
HOSTCALL_NAMES = tuple(
    dict.fromkeys((*(name for table in HOSTCALLS.values() for name in table), *WASI_FUNCTIONS))
)


@dataclass(frozen=True, kw_only=True)
class QueueMatcher:
    """What must wait in a queue: exactly these items, or so many; or it must not be there."""

    exists: bool = True
    count: Matcher | None = None
    items: Matcher | None = None

    @property
    def words(self) -> str:
        """What must be, for a sentence."""
        if not self.exists:
            return "no such queue"
        found = self.items or self.count
        return found.words if found else "a queue"


def log_list(value: Value, blame: Blame) -> tuple[LogMatcher, ...]:
    """Read the log lines that are expected."""
    return logs.read_list(value, blame, counted=True)


def ordered_logs(value: Value, blame: Blame) -> tuple[LogMatcher, ...]:
    """Read the log lines that are expected one below the other."""
    return logs.read_list(value, blame, counted=False)


def field_names(value: Value, blame: Blame) -> tuple[str, ...]:
    """Read names of fields, in an order."""
    if isinstance(value, list) and value and all(isinstance(name, str) for name in value):
        return tuple(str(name).lower() for name in value)
    blame.append(Wrong(at=(), message=f"expected a list of field names, not {kind_of(value)}"))
    return ()


def snapshot_name(value: Value, blame: Blame) -> str:
    """Read the name of a snapshot, which is a file's."""
    if isinstance(value, str) and re.fullmatch(SNAPSHOT, value):
        return value
    message = "expected the name of a snapshot: letters, digits, _.-"
    blame.append(Wrong(at=(), message=message))
    return "x"


def no_logs(value: Value, blame: Blame) -> tuple[LogMatcher, ...]:
    """Read the log lines that must not be there; ``true``: none at all."""
    return (LogMatcher(),) if value is True else logs.read_list(value, blame, counted=False)


def pause(value: Value, blame: Blame) -> str:
    """Read where a stream must have stopped."""
    return one_of(value, PAUSES, (), "where it pauses", blame)


def shared_data(value: Value, blame: Blame) -> dict[str, Matcher]:
    """Read what is expected of shared values, by key."""
    return {key: grammar.read(item, Kind.FIELD, (key,), blame) for key, item in _map(value, blame)}


def queues(value: Value, blame: Blame) -> dict[str, QueueMatcher]:
    """Read what is expected to wait, by queue: a list of all; how many; ``~``: no such queue."""
    return {name: _queue(item, name, blame) for name, item in _map(value, blame)}


def _queue(value: Value, name: str, blame: Blame) -> QueueMatcher:
    if value is None:
        return QueueMatcher(exists=False)
    if isinstance(value, list):
        items = enumerate(value)
        read = [grammar.read(item, Kind.TEXT, (name, i), blame) for i, item in items]
        return QueueMatcher(items=matchers.listed(read))
    return QueueMatcher(count=grammar.read(value, Kind.NUMBER, (name,), blame))


def hostcalls(value: Value, blame: Blame) -> dict[str, Matcher]:
    """Read how often each hostcall is expected."""
    found = {}
    for name, item in _map(value, blame):
        if name not in HOSTCALL_NAMES:
            message = spelling.unknown(name, HOSTCALL_NAMES)
            blame.append(Wrong(at=(name,), message=message, is_key=True))
        found[name] = grammar.read(item, Kind.NUMBER, (name,), blame)
    return found


def hazard_names() -> tuple[str, ...]:
    """Return the mistakes that the embedded host knows."""
    # It costs the engine's library; most files expect no hazard.
    from wasmctl.host import HazardKind  # noqa: PLC0415

    return tuple(kind.name.lower() for kind in HazardKind)


def hazards(value: Value, blame: Blame) -> tuple[str, ...]:
    """Read the names of mistakes that are expected."""
    if not isinstance(value, list) or not value:
        message = f"expected a list of hazards, not {kind_of(value)}"
        blame.append(Wrong(at=(), message=message))
        return ()
    known = hazard_names()
    return tuple(one_of(item, known, (i,), "a hazard", blame) for i, item in enumerate(value))


def _map(value: Value, blame: Blame) -> list[tuple[str, Value]]:
    if isinstance(value, dict):
        return list(value.items())
    blame.append(Wrong(at=(), message=f"expected a map, not {kind_of(value)}"))
    return []
