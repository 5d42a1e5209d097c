"""What an engine is: it starts one Envoy on the configuration in a folder, and ends it.

Configuration names files, listeners and servers, and how they are named depends on where Envoy
runs. So an engine first gives a *site*, which translates names; the configuration is written with
its help, and then the site starts Envoy:

1. ``engine.site(folder)`` for a run folder that exists;
2. ``site.path``, ``site.listen`` and ``site.server`` while the configuration is written there;
3. ``site.started(arguments)``: a machine, until its block ends.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

# The name under which the admin interface is asked of ``Site.listen``.
ADMIN = "admin"


@dataclass(frozen=True, kw_only=True)
class TcpAddress:
    """A port; 0 where the system is to choose one."""

    port: int
    host: str = "127.0.0.1"

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, kw_only=True)
class UnixAddress:
    """A unix domain socket."""

    path: str

    def __str__(self) -> str:
        return f"unix:{self.path}"


Address = TcpAddress | UnixAddress


@dataclass(frozen=True, kw_only=True)
class Exit:
    """How an Envoy ended: with a code, or by a signal."""

    code: int | None = None
    signal: int | None = None
    out_of_memory: bool = False


class Machine(Protocol):
    """A started Envoy. The methods may be called from any thread."""

    @property
    def label(self) -> str:
        """What it is, for people and records: ``process 4711``, ``container 3f2a…``."""
        ...

    @property
    def output(self) -> Iterable[str]:
        """Its log, line by line, as it is written; ends after Envoy. Read once."""
        ...

    def poll(self) -> Exit | None:
        """Return how it ended, None while it runs."""
        ...

    def wait(self, seconds: float) -> Exit | None:
        """Wait for its end; None where it still runs after that."""
        ...

    def admin(self) -> Address | None:
        """Return where its admin interface answers, seen from here; None while not known."""
        ...

    def outside(self, name: str, inside: Address) -> Address:
        """Return where a listener is reached from here; ``inside`` is what Envoy says of it."""
        ...

    def stop(self) -> None:
        """End it politely, and by force where it does not go; returns when it is gone."""
        ...

    def kill(self) -> None:
        """End it by force, at once."""
        ...


class Site(Protocol):
    """A place for one Envoy, and how its configuration names things there."""

    def path(self, file: Path) -> str:
        """Return the name that Envoy has for a file or folder below the run folder."""
        ...

    def listen(self, name: str, port: int = 0) -> Address:
        """Return what a listener, or ADMIN, is to bind.

        ``port`` is the port wanted on 127.0.0.1 of this machine, 0 for any. Each name is asked
        before ``started``.
        """
        ...

    def server(self, address: TcpAddress) -> Address:
        """Return how Envoy reaches a server that this machine reaches at ``address``."""
        ...

    def started(self, arguments: Sequence[str]) -> AbstractContextManager[Machine]:
        """Start Envoy with these arguments (paths as ``path`` gives them); end it with the block.

        It is ended however the block or this process ends, SIGKILL included. ``--mode validate``
        is a start like any other: it ends by itself.

        Raises EnvironmentMissingError where it cannot be started.
        """
        ...


class Engine(Protocol):
    """Runs Envoys of one release."""

    @property
    def name(self) -> str:
        """Its name in ENGINES."""
        ...

    @property
    def title(self) -> str:
        """What it runs, for people: ``Envoy 1.40.0 at /usr/bin/envoy``."""
        ...

    def site(self, folder: Path) -> Site:
        """Return a place for one Envoy whose files are in ``folder``."""
        ...


def _silent(_line: str) -> None:
    pass


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Which Envoy is wanted; None: what there is.

    Attributes:
        path: a binary, for the engine ``process``.
        version: a release: ``1.36.4``.
        image: an image, for the engine ``container``.
        on_progress: told of what takes time: something is fetched.

    """

    path: Path | None = None
    version: str | None = None
    image: str | None = None
    on_progress: Callable[[str], None] = _silent
