"""Images that are built in a Docker Engine."""

import contextlib
import io
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import docker
from docker.errors import APIError, ImageNotFound

from wasmctl.containers.refusals import said

_IN_USE = 409


@dataclass(frozen=True, kw_only=True)
class BuiltImage:
    """An image: its name, its digest, its labels, and its bytes."""

    name: str
    id: str
    labels: Mapping[str, str]
    size: int


class Images:
    """What is done with them. Raises EnvironmentMissingError where the engine refuses."""

    def __init__(self, client: docker.DockerClient, endpoint: str) -> None:
        self._client = client
        self._endpoint = endpoint

    def build(
        self,
        dockerfile: bytes,
        *,
        name: str,
        labels: Mapping[str, str],
        network: str,
        arguments: Mapping[str, str],
        on_line: Callable[[str], None],
    ) -> str | None:
        """Build an image of nothing but a Dockerfile; return what failed, None where all is well.

        ``arguments`` are known to its commands, and are not kept in the image where they are those
        of a proxy.
        """
        with said(self._endpoint, f"cannot build the image {name}"):
            steps = self._client.api.build(
                fileobj=_context(dockerfile),
                custom_context=True,
                tag=name,
                labels=dict(labels),
                network_mode=network,
                buildargs=dict(arguments),
                rm=True,
                forcerm=True,
                decode=True,
            )
            return _followed(steps, on_line)

    def labelled(self, label: str) -> tuple[BuiltImage, ...]:
        """Return all that have a label."""
        with said(self._endpoint, "does not list its images"):
            found = self._client.api.images(filters={"label": label})
        return tuple(
            BuiltImage(
                name=next(iter(each["RepoTags"] or []), each["Id"]),
                id=each["Id"],
                labels=each["Labels"] or {},
                size=each["Size"],
            )
            for each in found
        )

    def remove(self, name: str) -> bool:
        """Remove an image by its name; return False where a container uses it."""
        with said(self._endpoint, f"cannot remove the image {name}"):
            try:
                with contextlib.suppress(ImageNotFound):
                    self._client.api.remove_image(name)
            except APIError as error:
                if error.status_code != _IN_USE:
                    raise
                return False
        return True


def _context(dockerfile: bytes) -> io.BytesIO:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        entry = tarfile.TarInfo("Dockerfile")
        entry.size = len(dockerfile)
        archive.addfile(entry, io.BytesIO(dockerfile))
    content.seek(0)
    return content


def _followed(steps: object, on_line: Callable[[str], None]) -> str | None:
    for step in steps if hasattr(steps, "__iter__") else ():
        for line in str(step.get("stream", "")).splitlines():
            on_line(line)
        if "error" in step:
            return " ".join(str(step["error"]).split())
    return None
