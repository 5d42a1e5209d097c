"""The readers of single values in a scenario file, one for each thing that has several forms.

Each takes what was written and a place to blame, and returns what is meant.
"""

import ipaddress
import re
from collections.abc import Callable
from datetime import datetime

from wasmctl.abi.types import LogLevel
from wasmctl.testing import bodies, fields, grammar, logs, octets
from wasmctl.testing.blame import Blame, Wrong, kind_of
from wasmctl.testing.fields import FIELD_NAME, Fields
from wasmctl.testing.matchers import Matcher
from wasmctl.testing.operators import Kind
from wasmctl.testing.scalars import Value, is_text, text_of

_STATUSES = range(200, 600)
TAG = r"[A-Za-z0-9][A-Za-z0-9_.-]*"
MOST_TIMES = 1000
MOST_AT_ONCE = 100
VERSIONS = ("2", "1.1")
# The cluster to which requests go on.
ORIGIN = "upstream"
CLUSTER = r"[!-~]{1,200}"


def text(value: Value, blame: Blame) -> str:
    """Read any scalar as the text it is written as."""
    if is_text(value):
        return text_of(value)  # type: ignore[arg-type] # is_text said so
    blame.append(Wrong(at=(), message=f"expected a text, not {kind_of(value)}"))
    return ""


def name(value: Value, blame: Blame) -> str:
    """Read the name of a test: one line that every report can show."""
    found = text(value, blame)
    if not blame.wrongs and not (found.strip() and found.isprintable()):
        blame.append(Wrong(at=(), message=f"{found!r} is not a name: one line of visible text"))
    return found


def pseudo_field(pattern: str, meaning: str) -> Callable[[Value, Blame], str]:
    """Return the reader of a part of a request that HTTP/2 carries as a pseudo-header."""
    form = re.compile(pattern)

    def read(value: Value, blame: Blame) -> str:
        found = text(value, blame)
        if not blame.wrongs and not form.fullmatch(found):
            blame.append(Wrong(at=(), message=f"{found!r} is not {meaning}"))
        return found

    return read


method = pseudo_field(FIELD_NAME, "a method: letters, digits and a few signs")
authority = pseudo_field(r"[!-~]+", "an authority: a host, and a port if there is one")
path = pseudo_field(r"/[!-~]*", "a path: it begins with / and has no spaces")


def status(value: Value, blame: Blame) -> int:
    """Read the status of a reply; 1xx come before a reply, they are none."""
    if isinstance(value, int) and not isinstance(value, bool) and value in _STATUSES:
        return int(value)
    blame.append(Wrong(at=(), message="expected a status from 200 to 599"))
    return 200


def configuration(value: Value, blame: Blame) -> bytes:  # noqa: ARG001 - readers look alike
    """Read a plugin's configuration: a text as it is, a map or list as JSON, ``~`` as nothing."""
    if value is None:
        return b""
    return text_of(value).encode() if is_text(value) else bodies.compact_json(value)  # type: ignore[arg-type]


def fields_in(value: Value, blame: Blame) -> Fields:
    """Read the header or trailer fields of a message to send."""
    return fields.read(value, blame)


def body(value: Value, blame: Blame) -> bodies.Sent:
    """Read a body to send."""
    return bodies.read(value, blame)


def matcher(kind: Kind) -> Callable[[Value, Blame], Matcher]:
    """Return the reader of matchers of a kind."""
    return lambda value, blame: grammar.read(value, kind, (), blame)


def fields_out(value: Value, blame: Blame) -> dict[str, Matcher]:
    """Read what is expected of header or trailer fields, by their name in lower case."""
    if not isinstance(value, dict):
        blame.append(Wrong(at=(), message=f"expected a map of fields, not {kind_of(value)}"))
        return {}
    found: dict[str, Matcher] = {}
    for name, written in value.items():
        if name.lower() in found:
            message = f"the field {name.lower()!r} stands here twice"
            blame.append(Wrong(at=(name,), message=message, is_key=True))
        found[name.lower()] = grammar.read(written, Kind.FIELD, (name,), blame)
    return found


def tags(value: Value, blame: Blame) -> tuple[str, ...]:
    """Read a list of tags."""
    if not isinstance(value, list):
        blame.append(Wrong(at=(), message=f"expected a list of tags, not {kind_of(value)}"))
        return ()
    for index, tag in enumerate(value):
        if not isinstance(tag, str) or not re.fullmatch(TAG, tag):
            shown = repr(tag) if isinstance(tag, str) else kind_of(tag)
            blame.append(Wrong(at=(index,), message=f"{shown} is not a tag: letters, digits, _.-"))
    return tuple(map(str, value))


def reason(value: Value, blame: Blame) -> str | None:
    """Read a reason; ``true`` is one without words, ``false`` is none."""
    if isinstance(value, bool):
        return "" if value else None
    if isinstance(value, str) and value.strip() and value.isprintable():
        return value
    blame.append(
        Wrong(at=(), message=f"expected true, or a reason in one line, not {kind_of(value)}")
    )
    return None


def times(most: int) -> Callable[[Value, Blame], int]:
    """Return the reader of how often something is done."""

    def read(value: Value, blame: Blame) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most:
            return int(value)
        blame.append(Wrong(at=(), message=f"expected a whole number from 1 to {most:,}"))
        return 1

    return read


def natural(value: Value, blame: Blame) -> int:
    """Read a whole number that is not negative."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return int(value)
    blame.append(Wrong(at=(), message=f"expected a whole number from 0, not {kind_of(value)}"))
    return 0


def time(value: Value, blame: Blame) -> int:
    """Read a time as nanoseconds since 1970: ``2026-01-01T00:00:00Z``."""
    try:
        found = datetime.fromisoformat(str(value))
        if found.tzinfo is not None and found.timestamp() >= 0:
            return round(found.timestamp() * 1_000_000) * 1000
    except ValueError:
        pass
    blame.append(
        Wrong(at=(), message=f"expected a time such as 2026-01-01T00:00:00Z, not {value!r}")
    )
    return 0


def version(value: Value, blame: Blame) -> str:
    """Read a version of HTTP."""
    found = text_of(value) if is_text(value) else ""  # type: ignore[arg-type] # is_text said so
    if found in VERSIONS:
        return found
    blame.append(Wrong(at=(), message=f"expected the version 2 or 1.1, not {kind_of(value)}"))
    return "2"


def address(value: Value, blame: Blame) -> str:
    """Read the address of a client: one of this machine's own, so that a real one can have it."""
    try:
        if ipaddress.IPv4Address(str(value)).is_loopback:
            return str(value)
    except ValueError:
        pass
    blame.append(Wrong(at=(), message=f"expected an address such as 127.0.0.2, not {value!r}"))
    return "127.0.0.1"


def simple_name(value: Value, blame: Blame) -> str:
    """Read the name of a stream or of a connection."""
    found = text(value, blame)
    if not blame.wrongs and not re.fullmatch(TAG, found):
        blame.append(Wrong(at=(), message=f"{found!r} is not a name: letters, digits, _.-"))
    return found


def octets_of(value: Value, blame: Blame) -> bytes:
    """Read bytes."""
    return octets.read(value, (), blame)


def octets_by_name(value: Value, blame: Blame) -> dict[str, bytes]:
    """Read a map from names to bytes."""
    if not isinstance(value, dict):
        blame.append(Wrong(at=(), message=f"expected a map, not {kind_of(value)}"))
        return {}
    return {name: octets.read(item, (name,), blame) for name, item in value.items()}


def level(value: Value, blame: Blame) -> LogLevel:
    """Read a level of logs."""
    if isinstance(value, str) and value in logs.LEVELS:
        return logs.LEVELS[value]
    known = ", ".join(logs.LEVELS)
    blame.append(Wrong(at=(), message=f"expected one of {known}, not {value!r}"))
    return LogLevel.TRACE


def names(value: Value, blame: Blame) -> tuple[str, ...]:
    """Read a list of names."""
    if not isinstance(value, list):
        blame.append(Wrong(at=(), message=f"expected a list of names, not {kind_of(value)}"))
        return ()
    for index, each in enumerate(value):
        if not isinstance(each, str) or not each:
            blame.append(Wrong(at=(index,), message=f"expected a name, not {kind_of(each)}"))
    return tuple(map(str, value))


def cluster_names(value: Value, blame: Blame) -> None:
    """Blame the keys of a map that cannot be names of clusters."""
    for name in value if isinstance(value, dict) else ():
        if name == ORIGIN:
            message = f"{ORIGIN!r} is where requests lead; what it does is said by reply"
            blame.append(Wrong(at=(name,), message=message, is_key=True))
        elif not re.fullmatch(CLUSTER, name):
            message = f"{name!r} is not a name: visible signs without spaces"
            blame.append(Wrong(at=(name,), message=message, is_key=True))
