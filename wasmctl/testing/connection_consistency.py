"""What cannot hold together among the client's connections that the requests of a test name."""

from collections.abc import Iterator

from wasmctl.testing.blame import Location, Wrong
from wasmctl.testing.scalars import Value, is_text, text_of
from wasmctl.testing.targets.base import NEW_CONNECTION, Sending

_Table = dict[str, Value]
_CONNECTION, _SOURCE, _VERSION = "connection", "source", "version"


class Connections:
    """The connections that are named, each with the address and version that it was named with.

    Args:
        defaults: what every request of the file begins with.

    """

    def __init__(self, defaults: _Table) -> None:
        self._defaults = defaults
        self._known: dict[str, tuple[str, str]] = {}

    def request(self, written: Value, at: Location, *, at_once: bool = False) -> Iterator[Wrong]:
        """Read a request of the test, which may be sent several times at once."""
        own = written if isinstance(written, dict) else {}
        name = self._said(own, _CONNECTION, Sending.connection)
        if name in {"", NEW_CONNECTION}:
            return
        source = self._said(own, _SOURCE, Sending.source)
        version = self._said(own, _VERSION, Sending.version)
        known_source, known_version = self._known.setdefault(name, (source, version))
        if source != known_source:
            message = f"another request on connection {name!r} comes from {known_source}"
            yield Wrong(at=_place(own, _SOURCE, at), message=f"{message}; it has one address")
        if version != known_version:
            message = f"another request on connection {name!r} is of version {known_version}"
            yield Wrong(at=_place(own, _VERSION, at), message=f"{message}; it speaks one")
        if at_once and version == "1.1":
            message = f"connection {name!r} is of version 1.1, which carries one request at a time"
            yield Wrong(at=_place(own, _CONNECTION, at), message=message)

    def _said(self, own: _Table, key: str, otherwise: str) -> str:
        value = own.get(key, self._defaults.get(key, otherwise))
        return text_of(value) if is_text(value) else otherwise  # type: ignore[arg-type] # it said so


def _place(own: _Table, key: str, at: Location) -> Location:
    """Return the key that contradicts, or the one that names the connection, or the request."""
    return next(((*at, each) for each in (key, _CONNECTION) if each in own), at)
