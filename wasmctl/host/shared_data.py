"""Values that machines share by their ``vm_id``, each with the number of its last change.

Source: proxy-wasm-cpp-host ``src/shared_data.cc``. One counter numbers the changes of all machines
from 1 on; 0 is never a number, so it can stand for "whatever it is now". An `on_configure` that
sets a key runs three times in Envoy (canary, main thread, worker), so what the worker finds has
been changed before.
"""

from collections.abc import Iterator, MutableMapping
from itertools import count

from wasmctl.abi.types import Status
from wasmctl.host.hostcall import HostcallError

ANY_VERSION = 0
_VERSIONS = (1 << 32) - 1


class SharedData:
    """All values of a host."""

    def __init__(self) -> None:
        self._values: dict[str, dict[bytes, tuple[bytes, int]]] = {}
        self._changes = count()

    def get(self, vm_id: str, key: bytes) -> tuple[bytes, int]:
        """Return a value and its version; raises HostcallError where there is none."""
        found = self._values.get(vm_id, {}).get(key)
        if found is None:
            reason = f"nothing is shared under the key {key!r} by machines with vm_id {vm_id!r}"
            raise HostcallError(Status.NOT_FOUND, reason)
        return found

    def set(self, vm_id: str, key: bytes, value: bytes, version: int = ANY_VERSION) -> None:
        """Set a value whose version is still the one given, or a new one, whatever is given.

        Raises HostcallError where it has changed meanwhile.
        """
        values = self._values.setdefault(vm_id, {})
        found = values.get(key)
        if found is not None and version not in {ANY_VERSION, found[1]}:
            reason = f"the key {key!r} is at version {found[1]}, not at {version}"
            raise HostcallError(Status.CAS_MISMATCH, reason)
        values[key] = (value, next(self._changes) % _VERSIONS + 1)

    def remove(self, vm_id: str, key: bytes) -> None:
        """Remove a value, as no plugin can; raises KeyError where there is none."""
        del self._values.get(vm_id, {})[key]

    def keys(self, vm_id: str) -> tuple[bytes, ...]:
        """Return the keys of machines with this id."""
        return tuple(self._values.get(vm_id, {}))


class SharedValues(MutableMapping[bytes, bytes]):
    """The values of one ``vm_id``, for whoever tests a plugin: to read, and to set beforehand."""

    def __init__(self, data: SharedData, vm_id: str) -> None:
        self._data = data
        self._vm_id = vm_id

    def __getitem__(self, key: bytes) -> bytes:
        try:
            return self._data.get(self._vm_id, key)[0]
        except HostcallError:
            raise KeyError(key) from None

    def __setitem__(self, key: bytes, value: bytes) -> None:
        self._data.set(self._vm_id, key, value)

    def __delitem__(self, key: bytes) -> None:
        self._data.remove(self._vm_id, key)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._data.keys(self._vm_id))

    def __len__(self) -> int:
        return len(self._data.keys(self._vm_id))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({dict(self)!r})"
