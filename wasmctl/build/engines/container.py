"""Builds in containers: one fetches packages, one compiles.

The first has the network and runs no compiler. The second has no network, sees the project but
cannot change it, and nothing of its own outlives it but its caches; both have no rights, and
bounded memory. Where the engine does not see the project's folder, the project is sent to it.
"""

import contextlib
import hashlib
import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from platformdirs import user_cache_path

from wasmctl import containers, files
from wasmctl.build import scratch
from wasmctl.build.engines import builders, caches, surroundings, transfer
from wasmctl.build.engines.base import BuilderImage, Making, Order, Ran, kept, stamp_in_project
from wasmctl.build.engines.ground import CACHE, OWN, PROJECT, TRUSTED, Ground
from wasmctl.containers import Connection, Container, Ending, Plan, Volume, labels, reaper
from wasmctl.containers.guardian import guarding
from wasmctl.containers.words import as_command
from wasmctl.errors import EnvironmentMissingError, FilesError
from wasmctl.languages.base import Command
from wasmctl.languages.wasm_opt import WASM_OPT

# No plugin comes near; what is larger is not read into our memory.
_LARGEST_MODULE = 1 << 30


class ContainerEngine:
    """Runs a language's tools in the Docker Engine that the environment names."""

    name = "container"

    def obstacle(self, order: Order) -> EnvironmentMissingError | None:
        """Return nothing: whether an engine answers is found out by asking it."""
        del order
        return None

    @contextlib.contextmanager
    def opened(self, order: Order) -> Iterator["ContainerWorkshop"]:
        """Connect, and have the image ready. Raises EnvironmentMissingError where one is not."""
        with containers.connected() as connection:
            image = builders.ensure(connection, order)
            with contextlib.ExitStack() as stay:
                yield ContainerWorkshop(order, connection, image, stay)

    def plan(self, order: Order) -> list[str]:
        """Return the commands of a build, as one would type them."""
        ground = Ground.of(order, builders.name_of(order))
        network = order.project.file.build.container.network or "bridge"
        fetch = ground.fetching(order.language.fetch.pinned, network, {})
        compiling = ground.making(order.language.compile(ground.places))
        return [as_command(fetch), as_command(compiling)]


class ContainerWorkshop:
    """A project before an engine; what it creates there goes with ``stay``."""

    def __init__(
        self,
        order: Order,
        connection: Connection,
        image: BuilderImage,
        stay: contextlib.ExitStack,
    ) -> None:
        self.image = image
        self._order = order
        self._connection = connection
        self._stay = stay
        self._is_settled = True

    @property
    def title(self) -> str:
        """The image, and the engine with its endpoint."""
        engine = self._connection.engine
        where = f"Docker Engine {engine.version} at {engine.endpoint}"
        return f"image {self.image.name} in {where}"

    @cached_property
    def versions(self) -> Mapping[str, str]:
        """The versions of the image's tools, and its digest."""
        asked = [tool for tool in self._order.language.tools if tool.compiles]
        if self._order.project.file.build.optimize:
            asked.append(WASM_OPT)
        found = builders.versions(
            self._connection, self.image, tuple(asked), _user(self._connection)
        )
        return {**found, "image": self.image.digest}

    @cached_property
    def stamp(self) -> Path | None:
        """The file that says which packages are there already."""
        if self._order.language.fetch.folder:
            return stamp_in_project(self._order) if self._ground.source else None
        # Packages are in the volume: a claim holds for that very one, and this project.
        volume, root = self._cache, self._order.project.root.resolve()
        claim = f"{volume.name}\0{volume.labels.get(caches.ID)}\0{root}"
        return user_cache_path("wasmctl") / "fetched" / hashlib.sha256(claim.encode()).hexdigest()

    def fetch(self, command: Command) -> Ran:
        """Fetch packages into the project's folder, or the cache."""
        self._order.show(f"$ {command}")
        environment = {**surroundings.proxies(), **_passed(self._order.language.fetch.variables)}
        trusted = surroundings.certificates(self._order)
        if trusted:
            environment |= surroundings.trusting(TRUSTED)
        network = surroundings.network(self._connection, self._order)
        plan = self._ground.fetching(command, network, environment)
        with self._created(plan, {"ca.pem": trusted}) as container:
            ran = self._run(container)
            if not ran.exit_code and not self._ground.source:
                self._take_lock(container)
            return ran

    def make(self, making: Making) -> tuple[Ran, bytes | None]:
        """Make a module where nothing of the project can be changed."""
        places = self._ground.places
        command = making.command(places)
        self._order.show(f"$ {command}")
        given = {"given.wasm": making.given} if making.given is not None else {}
        with self._created(self._ground.making(command), given) as container:
            ran = self._run(container)
            if ran.exit_code:
                return ran, None
            return ran, container.get(making.made(places), limit=_LARGEST_MODULE)

    @cached_property
    def _ground(self) -> Ground:
        """Find out what the engine sees; from now on, it is left as it was found."""
        transfer.check_links(self._order)
        ground = Ground.of(self._order, self.image.digest)
        root = self._order.project.root.resolve()
        is_seen = self._sees(root) and not self._connection.confines_by_label()
        if not is_seen:
            self._order.show(f"{self._connection.engine.endpoint} does not see {root}: it is sent")
        return replace(
            ground,
            user=_user(self._connection),
            cache=self._cache.name,
            source=root if is_seen else None,
            packages=None if is_seen else self._packages_volume(),
        )

    @cached_property
    def _cache(self) -> Volume:
        return caches.volume(self._connection, self._order, self.image)

    def _sees(self, root: Path) -> bool:
        # Another machine may have a folder of the same name, but not one that is made just now.
        output = self._order.project.output.parent.resolve()
        try:
            with scratch.folder(output if output.is_relative_to(root) else root) as token:
                return self._connection.sees(token)
        except FilesError:  # nothing can be made in it
            return self._connection.sees(root)

    def _packages_volume(self) -> str | None:
        if not self._order.language.fetch.folder:
            return None
        return caches.packages_volume(self._connection, self._order).name

    @cached_property
    def _run_id(self) -> str:
        """Return the name of this stay, from whose beginning on a guardian looks after it."""
        reaper.reap(self._connection)
        run = f"build-{secrets.token_hex(4)}"
        guardian = self._stay.enter_context(guarding(run))
        # Whoever was interrupted while a container was being created cannot say whether it is.
        self._stay.callback(lambda: guardian.dismiss() if self._is_settled else None)
        return run

    @contextlib.contextmanager
    def _created(self, plan: Plan, given: Mapping[str, bytes]) -> Iterator[Container]:
        owned = labels.of_us(self._run_id)
        name = f"wasmctl-{self._run_id}-{secrets.token_hex(2)}"
        self._is_settled = False
        container = self._connection.create(replace(plan, labels=owned, name=name))
        try:
            self._fill(container, given)
            yield container
        finally:
            container.remove()
            self._is_settled = True

    def _fill(self, container: Container, given: Mapping[str, bytes]) -> None:
        user = self._ground.user
        container.unpack(OWN, transfer.folders(user, "step"))
        container.unpack(CACHE, transfer.folders(user, *self._ground.folders))
        given = {name: content for name, content in given.items() if content}
        if given:
            container.put(f"{OWN}/step", given)
        if self._ground.packages:
            folder = f"{PROJECT}/{self._order.language.fetch.folder}"
            container.unpack(folder, transfer.folders(user, "."))
        if not self._ground.source:
            with transfer.tree(self._order, user) as archive:
                container.unpack(PROJECT, archive)

    def _run(self, container: Container) -> Ran:
        with container.output() as output, self._order.deadline.ending(container.kill):
            container.start()
            lines = kept(output, self._order.show)
            ending = container.wait()
        return Ran(exit_code=ending.code, output=lines, reason=self._reason(ending))

    def _reason(self, ending: Ending) -> str | None:
        if not ending.out_of_memory:
            return None
        limit = self._order.project.file.build.container.memory_mb
        return f"it needed more than {limit} MiB of memory ([build.container] memory_mb)"

    def _take_lock(self, container: Container) -> None:
        lock = self._order.language.fetch.lock
        content = container.get(f"{PROJECT}/{lock}", limit=_LARGEST_MODULE)
        place = self._order.project.root / lock
        if content is not None and not (place.is_file() and files.read(place) == content):
            files.write(place, content)


def _passed(variables: tuple[str, ...]) -> dict[str, str]:
    return {name: os.environ[name] for name in variables if name in os.environ}


def _user(connection: Connection) -> str:
    # In an engine that runs as the caller, the caller is root.
    if os.geteuid() != 0 and connection.is_rootless():
        return "0:0"
    return f"{os.geteuid()}:{os.getegid()}"
