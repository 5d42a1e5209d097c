"""Listeners given to a running Envoy and taken away again, through a file that it watches.

One is offered at a time: each plugin starts in an Envoy that runs no other, so what it counts,
shares and logs is its own, and a refused one is refused alone. Envoy's filesystem discovery
notices a renamed file within a millisecond.
"""

from collections.abc import Sequence
from pathlib import Path

from wasmctl import files
from wasmctl.envoy import bootstrap, waiting
from wasmctl.envoy.admin import PATIENCE_SECONDS, Admin, StatKind

_REFUSED = "listener_manager.lds.update_rejected"
_CREATED = "listener_manager.listener_create_success"
_OUTCOMES = rf"^({_REFUSED}|{_CREATED})$".replace(".", r"\.")
_LIVE_VMS = r"^wasm\..*\.active$"


class Listeners:
    """The listeners of one Envoy, which reads them from ``file``."""

    def __init__(self, file: Path, admin: Admin) -> None:
        self._file = file
        self._admin = admin
        self._version = 0
        self._kept: dict[str, bootstrap.Json] = {}
        self._kept_vms = 0
        self._offered: tuple[bootstrap.Json, ...] = ()

    def offer(self, listener: bootstrap.Json) -> int | None:
        """Give Envoy a listener; return its port once the worker serves it, None if refused.

        Raises DeadlineError where Envoy does neither.
        """
        self._offered = (listener,)
        if not self._is_taken(self._offered):
            return None
        return self._admin.ports()[str(listener["name"])]

    def keep(self, listener: bootstrap.Json) -> None:
        """Keep a listener beside all that are offered from now on; not if it is refused.

        V8 keeps a module's compiled code only as long as some VM uses it. The plugins of a kept
        listener need a ``vm_id`` of their own, or they share the VM of the one that is offered.
        """
        name = str(listener["name"])
        if name not in self._kept:
            before = self._vms()
            if self._is_taken((*self._offered, listener)):
                self._kept[name] = listener
                self._kept_vms += self._vms() - before

    def withdraw(self, *, seconds: float) -> None:
        """Take the offered listener away, and wait until the VMs of its plugins have ended.

        Raises DeadlineError where they do not within ``seconds``.
        """
        self._offered = ()
        self._write(())
        waiting.until(
            lambda: self._vms(seconds) <= self._kept_vms,
            seconds=seconds,
            otherwise=f"the plugin did not end within {seconds:.0f} s",
        )

    def _is_taken(self, listeners: Sequence[bootstrap.Json]) -> bool:
        before = self._outcomes()
        self._write(listeners)
        waiting.until(
            lambda: self._outcomes() != before,
            seconds=PATIENCE_SECONDS,
            otherwise=f"Envoy did not start the plugin within {PATIENCE_SECONDS:.0f} s",
        )
        return self._outcomes()[_REFUSED] == before[_REFUSED]

    def _vms(self, seconds: float = PATIENCE_SECONDS) -> int:
        # The statistic disappears with the last VM.
        return sum(self._admin.statistics(_LIVE_VMS, StatKind.GAUGE, seconds=seconds).values())

    def _outcomes(self) -> dict[str, int]:
        return self._admin.statistics(_OUTCOMES, StatKind.COUNTER)

    def _write(self, listeners: Sequence[bootstrap.Json]) -> None:
        self._version += 1
        content = bootstrap.resources(self._version, (*self._kept.values(), *listeners))
        files.write(self._file, bootstrap.encoded(content))
