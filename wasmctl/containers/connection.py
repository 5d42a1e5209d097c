"""An open connection to a Docker Engine."""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError, ImageNotFound
from docker.types import Mount as DockerMount

from wasmctl.containers import endpoint
from wasmctl.containers.container import Container, Mount, Plan, limits
from wasmctl.containers.endpoint import DockerEngine
from wasmctl.containers.images import Images
from wasmctl.containers.refusals import reason, said
from wasmctl.containers.volumes import Volumes
from wasmctl.errors import EnvironmentMissingError

# An engine on a busy machine may take this long to start a container.
_PATIENCE_SECONDS = 60

_NOBODYS_IMAGE = "wasmctl.invalid/none"


@dataclass(frozen=True, kw_only=True)
class Image:
    """An image that the engine has.

    Attributes:
        id: its digest, with the algorithm.
        architecture: of its programs, in Go's words.

    """

    id: str
    architecture: str


class Connection:
    """A connection to ``engine``. Its methods may be called from any thread.

    They raise EnvironmentMissingError where the engine refuses or no longer answers.
    """

    def __init__(self, engine: DockerEngine, client: docker.DockerClient) -> None:
        self.engine = engine
        self._client = client

    def image(self, name: str) -> Image | None:
        """Return the image of that name, None where the engine does not have it."""
        with said(self.engine.endpoint, f"does not know the image {name}"):
            try:
                attributes = self._client.images.get(name).attrs
            except ImageNotFound:
                return None
        return Image(id=attributes["Id"], architecture=attributes["Architecture"])

    def pull(self, name: str) -> None:
        """Let the engine fetch an image from its registry, with the user's credentials."""
        try:
            with said(self.engine.endpoint, f"cannot pull {name}"):
                for step in self._client.api.pull(name, stream=True, decode=True):
                    if "error" in step:
                        raise _not_pulled(self.engine.endpoint, name, step["error"])
        except EnvironmentMissingError as error:
            cause = error.__cause__
            if isinstance(cause, APIError):
                raise _not_pulled(self.engine.endpoint, name, reason(cause)) from cause
            raise

    def is_rootless(self) -> bool:
        """Return whether the engine runs as a user, who is then root in its containers."""
        return self._has_security_option("name=rootless")

    def confines_by_label(self) -> bool:
        """Return whether files have to be labelled before a container may read them (SELinux)."""
        return self._has_security_option("name=selinux")

    def _has_security_option(self, option: str) -> bool:
        with said(self.engine.endpoint, "does not describe itself"):
            return option in self._client.info().get("SecurityOptions", ())

    def has_network(self, name: str) -> bool:
        """Return whether the engine has a network of that name."""
        with said(self.engine.endpoint, "does not list its networks"):
            return any(found.name == name for found in self._client.networks.list(names=[name]))

    @property
    def volumes(self) -> Volumes:
        """The engine's named volumes."""
        return Volumes(self._client, self.engine.endpoint)

    @property
    def images(self) -> Images:
        """The images that were built here."""
        return Images(self._client, self.engine.endpoint)

    def sees(self, folder: Path) -> bool:
        """Return whether a folder of ours is one of the engine's machine too.

        Found out by asking for a container of an image that nobody has: the engine looks for the
        folder first and for the image then, so that there is never a container to remove.
        """
        mount = _mount(Mount(source=folder, target="/seen"))
        with said(self.engine.endpoint, f"does not say whether it sees {folder}"):
            try:
                with contextlib.suppress(ImageNotFound):
                    self._client.containers.create(_NOBODYS_IMAGE, mounts=[mount])
            except APIError as error:
                if str(folder) not in reason(error):
                    raise
                return False
        return True

    def create(self, plan: Plan) -> Container:
        """Create a container, bound by ``limits``; it is not yet started."""
        with said(self.engine.endpoint, "cannot create the container"):
            created = self._client.containers.create(
                plan.image,
                **_settings(plan),
                **limits(memory=plan.memory, processes=plan.processes),
            )
        return Container(created, self.engine.endpoint)

    def labelled(self, label: str) -> tuple[Container, ...]:
        """Return all containers, running or not, that have a label: ``name`` or ``name=value``."""
        with said(self.engine.endpoint, "does not list its containers"):
            found = self._client.containers.list(
                all=True, filters={"label": label}, ignore_removed=True
            )
        return tuple(Container(container, self.engine.endpoint) for container in found)


@contextlib.contextmanager
def connected(known: DockerEngine | None = None) -> Iterator[Connection]:
    """Connect to the engine that the user's environment names, until the block ends.

    ``known`` is what ``endpoint.engine`` has said of it before.

    Raises EnvironmentMissingError where there is none, or too old a one.
    """
    found = known or endpoint.engine()
    with said(found.endpoint, "cannot be used"):
        client = docker.DockerClient(
            version=found.asked_version, timeout=_PATIENCE_SECONDS, **endpoint.settings()
        )
    endpoint.keep_from_proxies(client.api, found.endpoint)
    with contextlib.closing(client):
        yield Connection(found, client)


def _not_pulled(where: str, name: str, why: str) -> EnvironmentMissingError:
    return EnvironmentMissingError(
        f"the Docker Engine at {where} has no image {name} and cannot pull it: {why}",
        hint="name an image that it has or can reach, or load one into it with `docker load`",
    )


def _settings(plan: Plan) -> dict[str, Any]:
    program, *arguments = plan.command
    named = [
        DockerMount(target=target, source=name, type="volume")
        for target, name in plan.volumes.items()
    ]
    folders = [DockerMount(target=target, source=None, type="volume") for target in plan.folders]
    return {
        "name": plan.name,
        "entrypoint": [program],
        "command": arguments,
        "user": plan.user,
        "labels": dict(plan.labels),
        "mounts": [*(_mount(mount) for mount in plan.mounts), *named, *folders],
        "environment": dict(plan.environment),
        "working_dir": plan.folder or None,
        "tmpfs": dict.fromkeys(plan.scratch, "exec,mode=1777"),
        "network_mode": plan.network or "none",
        "ports": _published(plan.ports),
        "extra_hosts": dict(plan.hosts),
    }


def _published(ports: Mapping[int, int]) -> dict[str, tuple[str, int | None]]:
    return {f"{inside}/tcp": ("127.0.0.1", outside or None) for inside, outside in ports.items()}


def _mount(mount: Mount) -> DockerMount:
    return DockerMount(
        target=mount.target, source=str(mount.source), type="bind", read_only=not mount.is_writable
    )
