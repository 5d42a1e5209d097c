"""Where a container of ours stands, and whose rights it has there."""

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from wasmctl import files
from wasmctl.containers import Container, DockerEngine, Mount, Plan

# Where the run folder is in a container.
RUN_FOLDER = "/wasmctl/run"

# The user of images that are made to run without rights; this machine gives the number to nobody.
_NOBODY = 65532

_FILE_READ = stat.S_IRGRP
_FOLDER_READ = stat.S_IRGRP | stat.S_IXGRP


@dataclass(frozen=True, kw_only=True)
class Ground:
    """Where a container is to stand.

    Attributes:
        image: its digest.
        folder: the run folder.
        is_seen: whether the engine sees that folder.
        is_rootless: whether we are not root, and root in its containers is us.

    """

    image: str
    docker: DockerEngine
    folder: Path
    is_seen: bool
    is_rootless: bool

    def path(self, file: Path) -> str:
        """Return the name of a file of the run folder inside the container."""
        return f"{RUN_FOLDER}/{file.absolute().relative_to(self.folder)}"

    def plan(self, arguments: Sequence[str]) -> Plan:
        """Return the plan of a container in which Envoy runs, connected with nothing."""
        # Envoy by its name: images keep it in different folders, with scripts around it.
        return Plan(
            image=self.image,
            command=["envoy", *arguments],
            user="{}:{}".format(*self._user),
        )

    def label(self, container: Container, reach: str) -> str:
        """Return what people call a container of ours: its id, where it is, how it is reached."""
        return f"container {container.id} in {self.docker.endpoint}, {reach}"

    def lend(self, folder: Path, target: str, *, is_writable: bool = False) -> Mount:
        """Return the mount of a folder of ours, which the container's user may now use."""
        if os.geteuid() == 0:
            try:
                self._hand_over(folder, is_writable=is_writable)
            except OSError as error:
                raise files.refusal(error, "lend to a container", folder) from error
        return Mount(source=folder, target=target, is_writable=is_writable)

    def _hand_over(self, folder: Path, *, is_writable: bool) -> None:
        # What is below it too: our umask may have kept it from everybody else.
        for path in (folder, *folder.rglob("*")):
            os.chown(path, -1, self._user[1])
            path.chmod(path.stat().st_mode | (_FOLDER_READ if path.is_dir() else _FILE_READ))
        if is_writable:
            folder.chmod(folder.stat().st_mode | stat.S_IWGRP)

    @property
    def _user(self) -> tuple[int, int]:
        """The user and group in the container: outside it is us, or nobody where we are root."""
        if os.geteuid() == 0:
            return _NOBODY, _NOBODY
        return (0, 0) if self.is_rootless else (os.geteuid(), os.getegid())
