"""The engine ``container``: Envoy in a container of a Docker Engine.

The container has no right that Envoy can do without: it reads its own files only, its user is
nobody's, its memory is bounded. There are two ways to reach it:

- *on sockets*, where the engine sees our files and runs on our kernel: the container has no network
  at all. Listeners, the admin interface and the servers it calls are unix sockets in a folder that
  it shares with us, and a relay carries connections between them and ports of this machine. So
  Envoy reaches what this machine reaches, and only what it was told to.
- *on ports*, where the engine is in a virtual machine: ports are published on 127.0.0.1 alone.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path

from wasmctl import containers
from wasmctl.containers import DockerEngine, obtain
from wasmctl.envoy.engines.base import Choice, Site
from wasmctl.envoy.engines.ground import Ground
from wasmctl.envoy.engines.port_site import PortSite
from wasmctl.envoy.engines.socket_site import SocketSite

# The newest release that is known to work: the image that Envoy's project publishes for it.
_RELEASE = "1.40.0"
_IMAGE = "envoyproxy/envoy:v{release}"


@dataclass(frozen=True, kw_only=True)
class ContainerEngine:
    """Starts containers of ``image`` in ``docker``."""

    image: str
    digest: str
    docker: DockerEngine
    name: str = field(default="container", init=False)

    @classmethod
    def of(cls, choice: Choice) -> "ContainerEngine":
        """Return the engine with the image that is wanted, pulled where it is not there yet.

        Raises EnvironmentMissingError where no Docker Engine answers or it is too old, and where
        the image cannot be had or is for another architecture.
        """
        name = choice.image or _IMAGE.format(release=choice.version or _RELEASE)
        with containers.connected() as connection:
            found = obtain(connection, name)
            return cls(image=name, digest=found.id, docker=connection.engine)

    @property
    def title(self) -> str:
        """The image, and the Docker Engine with its endpoint."""
        digest = self.digest.removeprefix("sha256:")[:12]
        return (
            f"Envoy of image {self.image} ({digest}) in Docker Engine {self.docker.version}"
            f" at {self.docker.endpoint}"
        )

    def site(self, folder: Path) -> Site:
        """Return a place for one Envoy, on sockets where that works, else on ports."""
        with containers.connected(self.docker) as connection:
            is_seen = connection.sees(folder.absolute())
            ground = Ground(
                image=self.digest,
                docker=self.docker,
                folder=folder.absolute(),
                is_seen=is_seen,
                is_rootless=os.geteuid() != 0 and connection.is_rootless(),
            )
        shares_kernel = self.docker.kernel == os.uname().release
        return SocketSite(ground) if is_seen and shares_kernel else PortSite(ground)
