"""A run's stay in a Docker Engine: what it has there goes when it ends, however it ends."""

import contextlib
import dataclasses
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from wasmctl import containers
from wasmctl.containers import Connection, Container, DockerEngine, Plan, labels, reaper
from wasmctl.containers.guardian import guarding


class Stay:
    """The containers of one run."""

    def __init__(self, connection: Connection) -> None:
        self.run = secrets.token_hex(6)
        self.is_settled = True
        self._connection = connection

    def create(self, plan: Plan) -> Container:
        """Create a container that is removed at the end of the stay."""
        # Until the engine has given us one, nobody can say whether there is a container.
        self.is_settled = False
        marked = dataclasses.replace(
            plan, name=f"wasmctl-{self.run}", labels=labels.of_us(self.run)
        )
        container = self._connection.create(marked)
        self.is_settled = True
        return container

    def end(self) -> None:
        """Remove all its containers."""
        for container in self._connection.labelled(f"{labels.RUN}={self.run}"):
            container.remove()


@contextlib.contextmanager
def staying(docker: DockerEngine, temporary: Path | None = None) -> Iterator[Stay]:
    """Begin a stay; at its end its containers go, and the folder ``temporary``.

    Orphans of earlier runs go first.
    """
    with containers.connected(docker) as connection:
        reaper.reap(connection)
        stay = Stay(connection)
        with guarding(stay.run, temporary) as guardian:
            try:
                yield stay
            finally:
                stay.end()
                if temporary:
                    shutil.rmtree(temporary, ignore_errors=True)
                if stay.is_settled:  # else the guardian looks a little longer
                    guardian.dismiss()
