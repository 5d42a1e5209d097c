"""One container, from its plan to its removal."""

import codecs
import contextlib
import io
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Protocol

from docker.errors import APIError, NotFound
from docker.models.containers import Container as DockerContainer

from wasmctl.containers.refusals import said
from wasmctl.errors import FilesError

# Seconds in which a container goes by itself before it is ended by force.
GRACE_SECONDS = 2

# Envoy itself lets each Wasm machine have 1 GiB; of one plugin there is more than one.
_MEMORY_BYTES = 2 << 30
_PROCESSES = 1024

_CONFLICT = 409

# What a program writes without an end of line is cut into lines of this many characters.
_LONGEST_LINE = 1 << 16


@dataclass(frozen=True, kw_only=True)
class Mount:
    """A folder of the engine's machine, seen in a container at ``target``."""

    source: Path
    target: str
    is_writable: bool = False


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a container is to be. What it may never do is not for the plan to say: see ``limits``.

    Attributes:
        command: the program, and its arguments.
        user: ``UID:GID``.
        folders: empty folders to be filled with ``Container.put``; they go with the container.
        network: the network it is in; None: none at all, not even a loopback it shares.
        ports: for each TCP port inside the one on 127.0.0.1 outside, 0 for any.
        hosts: names that it knows beside those of the network, with their addresses.
        environment: what is added to the image's.
        folder: where the program begins, empty for the image's own choice.
        volumes: for each path inside, the name of the volume that is seen there.
        scratch: folders in memory, gone with the program.
        memory: the bytes that it may use.
        processes: how many it may be at once.

    """

    image: str
    command: Sequence[str]
    user: str
    name: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    mounts: Sequence[Mount] = ()
    folders: Sequence[str] = ()
    network: str | None = None
    ports: Mapping[int, int] = field(default_factory=dict)
    hosts: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: str = ""
    volumes: Mapping[str, str] = field(default_factory=dict)
    scratch: Sequence[str] = ()
    memory: int = _MEMORY_BYTES
    processes: int = _PROCESSES


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How a container's program ended: its code (128 and more: a signal), or out of memory."""

    code: int
    out_of_memory: bool


class Container:
    """A container that exists. Methods may be called from any thread.

    They raise EnvironmentMissingError where the engine refuses or no longer answers.
    """

    def __init__(self, container: DockerContainer, endpoint: str) -> None:
        self._container = container
        self._endpoint = endpoint

    @property
    def id(self) -> str:
        """Its id, as short as people write it."""
        return str(self._container.short_id)

    @property
    def labels(self) -> Mapping[str, str]:
        """Its labels."""
        return dict(self._container.labels)

    def put(self, folder: str, files: Mapping[str, bytes]) -> None:
        """Write files, by their names below one of the plan's ``folders``."""
        self.unpack(folder, _archive(files))

    def unpack(self, folder: str, archive: bytes | IO[bytes]) -> None:
        """Write what a tar archive holds below one of the plan's ``folders`` or ``volumes``."""
        with said(self._endpoint, "does not take the files"):
            self._container.put_archive(folder, archive)

    def get(self, path: str, *, limit: int) -> bytes | None:
        """Return a file of its folders and volumes, None where there is no such file.

        Raises FilesError where it has more than ``limit`` bytes.
        """
        with said(self._endpoint, "does not give the files"):
            try:
                chunks, _stat = self._container.get_archive(path)
            except NotFound:
                return None
            return only_file(chunks, path, limit=limit)

    @contextlib.contextmanager
    def output(self) -> Iterator[Iterator[str]]:
        """Give the lines that its program writes, while the block runs.

        Nothing is lost of a container that is started within the block, and nothing is kept by
        the engine: whoever starts one has to read.
        """
        with said(self._endpoint, "does not give the output"):
            stream = self._container.attach(stream=True)
        # Its own ``close`` ends the connection, and leaves the file open (docker-py 7.2.0).
        with contextlib.closing(_response(stream)), contextlib.closing(stream):
            yield _lines(stream)

    def start(self) -> None:
        """Start its program."""
        with said(self._endpoint, "cannot start the container"):
            self._container.start()

    def ports(self) -> Mapping[int, int]:
        """Return the port on 127.0.0.1 of each published port; none where it does not run."""
        with said(self._endpoint, "does not know the container"):
            self._container.reload()
        return {
            int(inside.partition("/")[0]): int(outside[0]["HostPort"])
            for inside, outside in self._container.ports.items()
            if outside
        }

    def wait(self) -> Ending:
        """Return how its program ended, as soon as it has."""
        with said(self._endpoint, "does not know the container"):
            # It may run for days: whatever is between us and the engine has to bear silence.
            code = self._container.wait(timeout=None)["StatusCode"]
            self._container.reload()
        state = self._container.attrs["State"]
        return Ending(code=int(code), out_of_memory=bool(state.get("OOMKilled")))

    def stop(self) -> None:
        """End its program politely, after GRACE_SECONDS by force; nothing where it has ended."""
        with said(self._endpoint, "cannot stop the container"), contextlib.suppress(NotFound):
            self._container.stop(timeout=GRACE_SECONDS)

    def kill(self) -> None:
        """End its program by force, at once; nothing where it has ended."""
        with said(self._endpoint, "cannot end the container"), _done_already():
            self._container.kill()

    def remove(self) -> None:
        """Remove it, its folders and whatever runs in it; nothing where it is gone."""
        with said(self._endpoint, "cannot remove the container"), _done_already():
            self._container.remove(v=True, force=True)


@contextlib.contextmanager
def _done_already() -> Iterator[None]:
    # A conflict: it has ended, or somebody else is removing it.
    try:
        yield
    except APIError as error:
        if not isinstance(error, NotFound) and error.status_code != _CONFLICT:
            raise


def only_file(chunks: Iterator[bytes], path: str, *, limit: int) -> bytes | None:
    """Return the file that a tar archive consists of, None where that is something else."""
    archive = bytearray()
    for chunk in chunks:
        archive += chunk
        if len(archive) > limit + tarfile.RECORDSIZE:
            raise FilesError(f"{path} has more than {limit} bytes", hint="see what writes so much")
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        entry = opened.next()
        content = opened.extractfile(entry) if entry and entry.isreg() else None
        return content.read() if content else None


def _archive(files: Mapping[str, bytes]) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), 0o644
            archive.addfile(entry, io.BytesIO(data))
    return content.getvalue()


class _Closable(Protocol):
    def close(self) -> None: ...


def _response(stream: object) -> _Closable:
    found: _Closable = vars(stream)["_response"]
    return found


def _lines(chunks: Iterator[bytes]) -> Iterator[str]:
    """Cut what a program writes into lines, wherever the engine has cut it."""
    decode = codecs.getincrementaldecoder("utf-8")(errors="replace").decode
    rest = ""
    try:
        for chunk in chunks:
            *lines, rest = (rest + decode(chunk)).split("\n")
            yield from (line + "\n" for line in lines)
            if len(rest) > _LONGEST_LINE:
                yield rest + "\n"
                rest = ""
    except OSError:
        pass  # the engine went away; how the container ended is for ``wait`` to say
    if rest:
        yield rest


def limits(*, memory: int, processes: int) -> dict[str, Any]:
    """Return what no container of ours may exceed, in docker-py's words.

    Its own files are read-only, it has no rights beyond its user's and can get none. With ``init``
    its program is not process 1, for which the system ignores signals: it dies of those that it
    sends itself.
    """
    return {
        "read_only": True,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges"],
        "init": True,
        "mem_limit": memory,
        "memswap_limit": memory,
        "pids_limit": processes,
        "log_config": {"type": "none"},
        "stop_signal": "SIGTERM",
    }
