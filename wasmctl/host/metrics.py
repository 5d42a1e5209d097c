"""Metrics as Envoy keeps them for plugins: ids that tell the type, values by name.

Source: Envoy source/extensions/common/wasm/context.cc (``defineMetric`` and below). Counters,
gauges and histograms of one name are three metrics.
"""

from collections.abc import Mapping

from wasmctl.abi.types import MetricType, Status
from wasmctl.host.hostcall import HostcallError

_TYPE_MASK = 3
_SINGLE = (MetricType.COUNTER, MetricType.GAUGE)
_STEP = 4
_U64 = 1 << 64

MetricValues = dict[tuple[MetricType, str], int]


class Metrics:
    """Metrics as one machine knows them; what is refused is a HostcallError.

    Each machine counts ids of its own; the ``values`` behind them are those of all.

    Attributes:
        by_key: the values, by type and name.

    """

    def __init__(self, values: MetricValues | None = None) -> None:
        self._ids = {kind: int(kind) for kind in MetricType}
        self._keys: dict[int, tuple[MetricType, str]] = {}
        self.by_key: MetricValues = {} if values is None else values

    @property
    def values(self) -> Mapping[str, int]:
        """Counters and gauges with their value, histograms with their number of samples."""
        return {name: value for (_, name), value in self.by_key.items()}

    @property
    def counters(self) -> Mapping[str, int]:
        """The counters alone."""
        pairs = self.by_key.items()
        return {name: value for (kind, name), value in pairs if kind is MetricType.COUNTER}

    def define(self, kind: MetricType, name: str) -> int:
        """Return a new id; the value of a name that was defined before goes on."""
        self._ids[kind] += _STEP
        self._keys[self._ids[kind]] = (kind, name)
        self.by_key.setdefault((kind, name), 0)
        return self._ids[kind]

    def increment(self, identity: int, offset: int) -> None:
        """Change a counter by more than nothing, or a gauge by anything."""
        key = self._single(identity)
        if key[0] is MetricType.COUNTER and offset <= 0:
            raise HostcallError(Status.BAD_ARGUMENT, f"a counter cannot change by {offset}")
        self._add(key, offset)

    def record(self, identity: int, value: int) -> None:
        """Add to a counter, set a gauge, or take a histogram's sample."""
        if identity not in self._keys:
            raise HostcallError(Status.NOT_FOUND, f"no metric has the id {identity}")
        key = self._keys[identity]
        if key[0] is MetricType.GAUGE:
            self.by_key[key] = value
        else:
            self._add(key, value if key[0] is MetricType.COUNTER else 1)

    def get(self, identity: int) -> int:
        """Return a counter's or a gauge's value."""
        return self.by_key[self._single(identity)]

    def _single(self, identity: int) -> tuple[MetricType, str]:
        """Return the key of a metric with one value: an id tells its type before it is known."""
        if identity & _TYPE_MASK not in _SINGLE:
            reason = f"metric {identity} is neither a counter nor a gauge"
            raise HostcallError(Status.BAD_ARGUMENT, reason)
        if identity not in self._keys:
            raise HostcallError(Status.NOT_FOUND, f"no metric has the id {identity}")
        return self._keys[identity]

    def _add(self, key: tuple[MetricType, str], offset: int) -> None:
        """Add within 64 bits: a gauge below zero wraps around."""
        self.by_key[key] = (self.by_key[key] + offset) % _U64
