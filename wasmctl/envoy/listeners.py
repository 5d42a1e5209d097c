"""Listeners given to a running Envoy and taken away again, through a file that it watches.

One at a time: each plugin starts in an Envoy that holds no other, so what it counts, shares and
logs is its own, and a refused one is refused alone. Envoy's filesystem discovery notices a
renamed file within a millisecond.
"""

from collections.abc import Sequence
from pathlib import Path

from wasmctl import files
from wasmctl.envoy import bootstrap, waiting
from wasmctl.envoy.admin import Admin, StatKind

_REFUSED = "listener_manager.lds.update_rejected"
_CREATED = "listener_manager.listener_create_success"
_OUTCOMES = rf"^({_REFUSED}|{_CREATED})$".replace(".", r"\.")
# The statistic disappears with the last VM.
_LIVE_VMS = r"^wasm\..*\.active$"
_OFFER_SECONDS = 30.0


class Listeners:
    """The listeners of one Envoy, which reads them from ``file``."""

    def __init__(self, file: Path, admin: Admin) -> None:
        self._file = file
        self._admin = admin
        self._version = 0

    def offer(self, listener: bootstrap.Json) -> int | None:
        """Give Envoy a listener; return its port once the worker serves it, None if refused.

        Raises DeadlineError where Envoy does neither.
        """
        before = self._outcomes()
        self._write([listener])
        waiting.until(
            lambda: self._outcomes() != before,
            seconds=_OFFER_SECONDS,
            otherwise=f"Envoy did not start the plugin within {_OFFER_SECONDS:.0f} s",
        )
        if self._outcomes()[_REFUSED] > before[_REFUSED]:
            return None
        return self._admin.ports()[str(listener["name"])]

    def withdraw(self, *, seconds: float) -> None:
        """Take the listener away, and wait until the VMs of its plugins have ended.

        Raises DeadlineError where they do not within ``seconds``.
        """
        self._write([])
        waiting.until(
            lambda: not self._has_vms(seconds),
            seconds=seconds,
            otherwise=f"the plugin did not end within {seconds:.0f} s",
        )

    def _has_vms(self, seconds: float) -> bool:
        found = self._admin.statistics(_LIVE_VMS, StatKind.GAUGE, seconds=seconds)
        return any(found.values())

    def _outcomes(self) -> dict[str, int]:
        return self._admin.statistics(_OUTCOMES, StatKind.COUNTER)

    def _write(self, listeners: Sequence[bootstrap.Json]) -> None:
        self._version += 1
        content = bootstrap.listeners(self._version, listeners)
        files.write(self._file, bootstrap.encoded(content))
