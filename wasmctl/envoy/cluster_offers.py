"""Clusters given to a running Envoy and changed again, through a file that it watches."""

from collections.abc import Sequence
from pathlib import Path

from wasmctl import files
from wasmctl.envoy import bootstrap, waiting
from wasmctl.envoy.admin import PATIENCE_SECONDS, Admin, StatKind
from wasmctl.errors import EnvoyFailedError

_TAKEN = "cluster_manager.cds.update_success"
_REFUSED = "cluster_manager.cds.update_rejected"
_OUTCOMES = rf"^({_TAKEN}|{_REFUSED})$".replace(".", r"\.")


class Clusters:
    """The clusters of one Envoy that may change, which it reads from ``file``."""

    def __init__(self, file: Path, admin: Admin) -> None:
        self._file = file
        self._admin = admin
        self._version = 0
        self._offered: tuple[bootstrap.Cluster, ...] = ()

    def offer(self, clusters: Sequence[bootstrap.Cluster]) -> None:
        """Give Envoy just these clusters; return when it has them.

        Raises EnvoyFailedError where it refuses them, DeadlineError where it does neither.
        """
        if self._offered == tuple(clusters):
            return
        before = self._outcomes()
        self._version += 1
        written = [bootstrap.discovered_cluster(cluster) for cluster in clusters]
        files.write(self._file, bootstrap.encoded(bootstrap.resources(self._version, written)))
        waiting.until(
            lambda: self._outcomes() != before,
            seconds=PATIENCE_SECONDS,
            otherwise=f"Envoy did not take its clusters within {PATIENCE_SECONDS:.0f} s",
        )
        if self._outcomes()[_REFUSED] != before[_REFUSED]:
            hint = "see whether the names under upstreams are names of clusters"
            raise EnvoyFailedError("Envoy refused the clusters of this test", hint=hint)
        self._offered = tuple(clusters)

    def _outcomes(self) -> dict[str, int]:
        return self._admin.statistics(_OUTCOMES, StatKind.COUNTER)
