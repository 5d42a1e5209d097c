"""The named volumes of a Docker Engine."""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass

import docker
from docker.errors import APIError, NotFound

from wasmctl.containers.refusals import said

_IN_USE = 409


@dataclass(frozen=True, kw_only=True)
class Volume:
    """A volume: its name, its labels, and the bytes in it."""

    name: str
    labels: Mapping[str, str]
    size: int = 0


class Volumes:
    """What is done with them. Raises EnvironmentMissingError where the engine refuses."""

    def __init__(self, client: docker.DockerClient, endpoint: str) -> None:
        self._client = client
        self._endpoint = endpoint

    def ensure(self, name: str, labels: Mapping[str, str]) -> Volume:
        """Return the volume of that name, made with these labels where there is none.

        One that is there keeps the labels that it has.
        """
        with said(self._endpoint, f"cannot create the volume {name}"):
            return _volume(self._client.volumes.create(name, labels=dict(labels)).attrs)

    def labelled(self, label: str) -> tuple[Volume, ...]:
        """Return all that have a label, with their sizes."""
        with said(self._endpoint, "does not tell the sizes of its volumes"):
            found = self._client.api.df()["Volumes"] or []
        ours = (volume for volume in map(_volume, found) if label in volume.labels)
        return tuple(sorted(ours, key=lambda volume: volume.name))

    def remove(self, name: str) -> bool:
        """Remove a volume; return False where a container uses it."""
        with said(self._endpoint, f"cannot remove the volume {name}"):
            try:
                with contextlib.suppress(NotFound):
                    self._client.api.remove_volume(name)
            except APIError as error:
                if error.status_code != _IN_USE:
                    raise
                return False
        return True


def _volume(found: Mapping[str, object]) -> Volume:
    labels, usage = found.get("Labels"), found.get("UsageData")
    return Volume(
        name=str(found["Name"]),
        labels=labels if isinstance(labels, dict) else {},
        size=int(usage["Size"]) if isinstance(usage, dict) else 0,
    )
