"""A place to build scripted projects in, with either engine, and to see what is left of it."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.builder_image import DONE, GO, left_in, scripted
from tests.command import WASMCTL, on_small_disk, run, surroundings
from tests.docker_engine import DockerEngine
from tests.projects import write
from wasmctl import project
from wasmctl.build.engines import caches
from wasmctl.build.engines.base import Order
from wasmctl.languages import LANGUAGES

Finished = subprocess.CompletedProcess[str]

# The project $1 is put on the disk $2 and built there, once $4 was done; $3 has what is left.
_ON_DISK = """
project=$1 disk=$2 kept=$3 before=$4; shift 4
cp -r "$project"/. "$disk" && (cd "$disk" && eval "$before") || exit 99
"$@"; code=$?
cp -r "$disk"/. "$kept" && exit $code
"""


class Workbench:
    """One engine, whose compiler does what a project's script says.

    Attributes:
        temporary: the folder for the temporary files of a build.

    """

    def __init__(self, name: str, folder: Path, image: str, docker: DockerEngine | None) -> None:
        self.name = name
        self.image = image
        self.temporary = folder / "temporary"
        self._folder = folder
        self._docker = docker
        self.temporary.mkdir()
        write(folder / "bin/go", GO)
        (folder / "bin/go").chmod(0o755)

    @property
    def engine(self) -> DockerEngine:
        """The Docker Engine of builds in containers."""
        assert self._docker
        return self._docker

    @property
    def environment(self) -> dict[str, str]:
        """What a command's environment must say."""
        path = f"{self._folder}/bin{os.pathsep}{os.environ['PATH']}"
        known = self._docker.environment if self._docker else {}
        return {"PATH": path, "TMPDIR": str(self.temporary), **known}

    def project(self, script: str, name: str = "project") -> Path:
        """Make a project that is built by a script."""
        return scripted(self._folder / name, self.image, script, engine=self.name)

    def cache_of(self, folder: Path) -> str:
        """Return the name of the volume in which builds of a project keep what they need again."""
        order = Order(project=project.load(folder), language=LANGUAGES["go"], show=print)
        return caches.name_of(order, self.image)

    def built(self) -> Path:
        """Make a project with a module; the next build makes another one."""
        folder = self.project(DONE)
        assert self.build(folder, "--engine", "local").returncode == 0
        return folder

    def words(self, folder: Path, *words: str) -> list[object]:
        """Return the command that builds it."""
        return [*WASMCTL, "build", "-C", folder, *words]

    def build(self, folder: Path, *words: str) -> Finished:
        """Build it to the end."""
        return run(self.words(folder, *words), environment=self.environment)

    def build_on_disk(self, options: str, folder: Path, before: str = "true") -> Finished:
        """Build a copy on a disk with these mount options, once ``before`` was done in it.

        The copy is in the place of the project afterwards.
        """
        place, kept = (folder.with_name(name) for name in ("disk", "kept"))
        place.mkdir()
        script = ["sh", "-c", _ON_DISK, "sh", folder, place, kept, before, *self.words(place)]
        kept.mkdir()
        finished = run(on_small_disk(options, place, script), environment=self.environment)
        folder.rename(folder.with_name("before"))
        kept.rename(folder)
        return finished

    def begun(self, words: Sequence[object]) -> "subprocess.Popen[str]":
        """Start a command, in a process group of its own."""
        return subprocess.Popen(
            [str(word) for word in words],
            env=surroundings(self.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    @property
    def left(self) -> list[str]:
        """What is there of a build when it is over, and should not be."""
        files = [str(path) for path in self.temporary.iterdir()]
        containers = left_in(self._docker, self.image) if self._docker else []
        return [*files, *containers, *_working_below(self._folder)]


def _working_below(folder: Path) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink().is_relative_to(folder):
                found.append((process / "cmdline").read_text())
        except OSError:
            continue  # it ended while we looked, or is not ours to look at
    return found


@pytest.fixture
def bench(docker_engine: DockerEngine, scripted_image: str, tmp_path: Path) -> Workbench:
    """A place for builds in containers."""
    return Workbench("container", tmp_path, scripted_image, docker_engine)


@pytest.fixture(params=["locally", "in_a_container"])
def either_bench(request: pytest.FixtureRequest, tmp_path: Path) -> Workbench:
    """A place for builds with the tools of this machine, and one for builds in containers."""
    if request.param == "locally":
        return Workbench("local", tmp_path, "none", None)
    found: Workbench = request.getfixturevalue("bench")
    return found
