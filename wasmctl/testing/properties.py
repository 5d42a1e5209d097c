"""Properties that a scenario gives: what plugins find at a path beside what requests have anyway.

A path is a list, since its parts may hold dots; its first parts say where the value comes from
(``metadata``, ``filter_state``, ``xds`` with ``route_metadata``). A value has its own type: a text,
a number, true or false, a map, or bytes (``{hex: …}``).
"""

from typing import TYPE_CHECKING, TypeAlias

from wasmctl.testing import octets
from wasmctl.testing.blame import Blame, Location, Wrong, kind_of
from wasmctl.testing.scalars import Value

if TYPE_CHECKING:
    from wasmctl.host.given import Given
else:
    Given = object  # the host is loaded where a property is given, and not to read any file

Path: TypeAlias = tuple[str, ...]
Properties: TypeAlias = tuple[tuple[Path, Given], ...]

PATH, VALUE = "path", "value"


def read(value: Value, blame: Blame) -> Properties:
    """Read a list of properties."""
    if not isinstance(value, list):
        blame.append(Wrong(at=(), message=f"expected a list of properties, not {kind_of(value)}"))
        return ()
    return tuple(_property(item, (index,), blame) for index, item in enumerate(value))


def _property(written: Value, at: Location, blame: Blame) -> tuple[Path, Given]:
    if not isinstance(written, dict) or written.keys() != {PATH, VALUE}:
        message = f"expected {{path: [part, …], value: …}}, not {kind_of(written)}"
        blame.append(Wrong(at=at, message=message))
        return (), ""
    path = _path(written[PATH], (*at, PATH), blame)
    given = _given(written[VALUE], (*at, VALUE), blame)
    if path:
        _check(path, given, (*at, PATH), blame)
    return path, given


def _path(written: Value, at: Location, blame: Blame) -> Path:
    if isinstance(written, list) and written and all(isinstance(part, str) for part in written):
        return tuple(map(str, written))
    message = f"expected a list of the path's parts, not {kind_of(written)}"
    blame.append(Wrong(at=at, message=message))
    return ()


def _given(written: Value, at: Location, blame: Blame) -> Given:
    if isinstance(written, dict) and len(written) == 1 and next(iter(written)) in octets.ENCODINGS:
        return octets.read(written, at, blame)
    plain = _plain(written)
    if plain is None:
        blame.append(Wrong(at=at, message="expected a value, not nothing"))
        return ""
    return plain


def _plain(written: Value) -> Given | None:
    match written:
        case dict():
            return {key: _plain(item) for key, item in written.items()}
        case list():
            return [_plain(item) for item in written]
        case bool() | None:
            return written
        case int():
            return int(written)
        case float():
            return float(written)
        case _:
            return str(written)


def _check(path: Path, given: Given, at: Location, blame: Blame) -> None:
    from wasmctl.host.given import GivenProperties  # noqa: PLC0415 - as above

    try:
        GivenProperties({path: given})
    except ValueError as error:
        blame.append(Wrong(at=at, message=str(error)))
