"""Header maps with Envoy's order and joining.

Pseudo-headers stand first, then the others, each in the order of insertion. Adding a header that
Envoy keeps in a field of its own ("O(1) headers") joins the values with a comma; adding any other
makes a second entry. The names below were measured on Envoy 1.40 by adding each one twice;
source: Envoy ``envoy/http/header_map.h`` and ``source/common/http/header_map_impl.cc``.
"""

from enum import Enum
from functools import lru_cache

from wasmctl.messages import Pair

_BOTH = (
    *(b"cache-control", b"connection", b"content-encoding", b"content-length", b"content-type"),
    *(b"keep-alive", b"proxy-connection", b"proxy-status", b"transfer-encoding", b"upgrade"),
    *(b"via", b"x-request-id", b"x-envoy-attempt-count", b"x-envoy-decorator-operation"),
)
_REQUEST = (
    *(b":authority", b":method", b":path", b":protocol", b":scheme", b"accept", b"accept-encoding"),
    *(b"access-control-request-headers", b"access-control-request-method", b"authorization"),
    *(b"cdn-loop", b"expect", b"grpc-accept-encoding", b"grpc-timeout", b"if-match"),
    *(b"if-modified-since", b"if-none-match", b"if-range", b"if-unmodified-since", b"origin"),
    *(b"pragma", b"referer", b"te", b"user-agent", b"x-client-trace-id"),
    *(b"x-forwarded-client-cert", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-port"),
    *(b"x-forwarded-proto", b"x-envoy-downstream-service-cluster"),
    *(b"x-envoy-downstream-service-node", b"x-envoy-expected-rq-timeout-ms"),
    *(b"x-envoy-external-address", b"x-envoy-force-trace", b"x-envoy-hedge-on-per-try-timeout"),
    *(b"x-envoy-internal", b"x-envoy-ip-tags", b"x-envoy-is-timeout-retry"),
    *(b"x-envoy-max-retries", b"x-envoy-original-host", b"x-envoy-original-path"),
    *(b"x-envoy-retriable-header-names", b"x-envoy-retriable-status-codes"),
    *(b"x-envoy-retry-grpc-on", b"x-envoy-retry-on", b"x-envoy-upstream-alt-stat-name"),
    *(b"x-envoy-upstream-rq-per-try-timeout-ms", b"x-envoy-upstream-rq-timeout-alt-response"),
    *(b"x-envoy-upstream-rq-timeout-ms", b"x-envoy-upstream-stream-duration-ms"),
)
_RESPONSE = (
    *(b":status", b"access-control-allow-credentials", b"access-control-allow-headers"),
    *(b"access-control-allow-methods", b"access-control-allow-origin"),
    *(b"access-control-expose-headers", b"access-control-max-age", b"age", b"date", b"etag"),
    *(b"expires", b"grpc-message", b"grpc-status", b"last-modified", b"location", b"server"),
    *(b"vary", b"x-envoy-degraded", b"x-envoy-immediate-health-check-fail"),
    *(b"x-envoy-ratelimited", b"x-envoy-upstream-canary"),
    *(b"x-envoy-upstream-healthchecked-cluster", b"x-envoy-upstream-service-time"),
)


class MapKind(Enum):
    """What a map holds; ``joining`` is the set of names that join."""

    REQUEST_HEADERS = _BOTH + _REQUEST
    REQUEST_TRAILERS = ()
    RESPONSE_HEADERS = _BOTH + _RESPONSE
    RESPONSE_TRAILERS = (b"grpc-message", b"grpc-status")

    def __init__(self, *names: bytes) -> None:
        self.joining = frozenset(names)


@lru_cache(maxsize=4096)
def _request_key(name: bytes) -> bytes:
    key = name.lower()
    return b":authority" if key == b"host" else key


class HeaderMap:
    """An ordered multimap; names are looked up in any case and kept in lower case.

    ``pairs`` have lower-case names and pseudo-headers first, as they come from a wire.

    Attributes:
        first: the value of each name's first entry; the quick way to a name in lower case.
        is_changed: whether it got entries that it did not come with.

    """

    __slots__ = ("_joining", "_key", "_pairs", "first", "is_changed")

    def __init__(self, kind: MapKind, pairs: tuple[Pair, ...] = ()) -> None:
        self._joining = kind.joining
        self._key = _request_key if kind is MapKind.REQUEST_HEADERS else bytes.lower
        self._pairs = list(pairs)
        self.first = dict(reversed(pairs))
        if len(self.first) != len(pairs):
            self.assign(pairs)
        self.is_changed = False

    def __len__(self) -> int:
        return len(self._pairs)

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """All entries, pseudo-headers first."""
        return tuple(self._pairs)

    @property
    def byte_size(self) -> int:
        """The lengths of all names and values together."""
        return sum(len(name) + len(value) for name, value in self._pairs)

    def get(self, name: bytes) -> bytes | None:
        """Return the first value of a header."""
        return self.first.get(self._key(name))

    def values(self, name: bytes) -> tuple[bytes, ...]:
        """Return every value of a header, in order."""
        key = self._key(name)
        return tuple(value for entry, value in self._pairs if entry == key)

    def add(self, name: bytes, value: bytes) -> None:
        """Add an entry, or join the value to the one of a header that cannot repeat."""
        key = self._key(name)
        if key in self.first:
            if key in self._joining:
                self.put(key, b",".join(filter(None, (self.first[key], value))))
                return
        else:
            self.first[key] = value
        self._insert(key, value)

    def replace(self, name: bytes, value: bytes) -> None:
        """Remove every entry of the name and add one, at the end of its section."""
        key = self._key(name)
        if key in self.first:
            self._drop(key)
        self.first[key] = value
        self._insert(key, value)

    def put(self, name: bytes, value: bytes) -> None:
        """Overwrite the first entry of the name where it stands, or add one."""
        key = self._key(name)
        before = self.first.get(key)
        self.first[key] = value
        if before is None:
            self._insert(key, value)
        else:
            self._pairs[self._pairs.index((key, before))] = (key, value)
            self.is_changed = True

    def remove(self, name: bytes) -> None:
        """Remove every entry of the name."""
        key = self._key(name)
        if key in self.first:
            self._drop(key)

    def assign(self, pairs: tuple[Pair, ...]) -> None:
        """Forget everything and add ``pairs`` one by one."""
        self._pairs.clear()
        self.first.clear()
        for name, value in pairs:
            self.add(name, value)

    def _drop(self, key: bytes) -> None:
        """Remove every entry of a name."""
        value = self.first.pop(key)
        if len(self.first) < len(self._pairs) - 1:  # there are more entries than names
            self._pairs = [pair for pair in self._pairs if pair[0] != key]
        else:
            self._pairs.remove((key, value))

    def _insert(self, key: bytes, value: bytes) -> None:
        """Put a new entry at the end of its section."""
        self.is_changed = True
        if key.startswith(b":"):
            self._insert_pseudo(key, value)
        else:
            self._pairs.append((key, value))

    def _insert_pseudo(self, key: bytes, value: bytes) -> None:
        regular = (at for at, (name, _) in enumerate(self._pairs) if name[:1] != b":")
        self._pairs.insert(next(regular, len(self._pairs)), (key, value))
