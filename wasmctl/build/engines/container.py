"""Builds in containers: one fetches packages, one compiles.

The first has the network and runs no compiler. The second has no network, sees the project but
cannot change it, and nothing of its own outlives it but its caches; both have no rights, and
bounded memory. Where the engine does not see the project's folder, the project is sent to it.
"""

import contextlib
import hashlib
import os
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from platformdirs import user_cache_path

from wasmctl import containers, files
from wasmctl.build.engines import builders, caches, sight, surroundings, transfer, trust
from wasmctl.build.engines.base import BuilderImage, Making, Order, Ran, stamp_in_project
from wasmctl.build.engines.ground import CACHE, OWN, OWN_FOLDERS, PROJECT, STEP, TRUSTED, Ground
from wasmctl.build.engines.stay import Stay
from wasmctl.containers import Connection, Container, Plan, Volume
from wasmctl.containers.words import as_command
from wasmctl.errors import EnvironmentMissingError
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
            with contextlib.ExitStack() as end:
                yield ContainerWorkshop(order, connection, image, Stay(order, connection, end))

    def plan(self, order: Order) -> list[str]:
        """Return the commands of a build, as one would type them."""
        ground = Ground.of(order, builders.name_of(order))
        network = order.project.file.build.container.network or "bridge"
        fetch = ground.fetching(order.language.fetch.pinned, network, {})
        compiling = ground.making(order.language.compile(ground.places))
        return [as_command(fetch), as_command(compiling)]


class ContainerWorkshop:
    """A project before an engine."""

    def __init__(
        self, order: Order, connection: Connection, image: BuilderImage, stay: Stay
    ) -> None:
        self.image = image
        self._order = order
        self._connection = connection
        self._stay = stay

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
        user = sight.user(self._connection)
        found = builders.versions(self._stay, self.image, tuple(asked), user)
        return {**found, "image": self.image.digest}

    @cached_property
    def stamp(self) -> Path | None:
        """The file that says which packages are there already."""
        if self._order.language.fetch.folder:
            return stamp_in_project(self._order) if self._ground.source else None
        if self._order.is_once:
            return None
        # Packages are in the volume: a claim holds for that very one, and this project.
        volume, root = self._cache, self._order.project.root.resolve()
        claim = f"{volume.name}\0{volume.labels.get(caches.ID)}\0{root}"
        return user_cache_path("wasmctl") / "fetched" / hashlib.sha256(claim.encode()).hexdigest()

    def fetch(self, command: Command) -> Ran:
        """Fetch packages into the project's folder, or the cache."""
        self._order.show(f"$ {command}")
        environment = {**surroundings.proxies(), **_passed(self._order.language.fetch.variables)}
        trusted = trust.certificates(self._order)
        if trusted:
            environment |= trust.trusting(TRUSTED)
        network = surroundings.network(self._connection, self._order)
        plan = self._ground.fetching(command, network, environment)
        with self._filled(plan, {"ca.pem": trusted}) as container:
            ran = self._stay.follow(container)
            if not ran.exit_code and not self._ground.source:
                self._take_lock(container)
            return ran

    def make(self, making: Making) -> tuple[Ran, bytes | None]:
        """Make a module where nothing of the project can be changed."""
        places = self._ground.places
        command = making.command(places)
        self._order.show(f"$ {command}")
        given = {"given.wasm": making.given} if making.given is not None else {}
        with self._filled(self._ground.making(command), given) as container:
            ran = self._stay.follow(container)
            if ran.exit_code:
                return ran, None
            return ran, container.get(making.made(places), limit=_LARGEST_MODULE)

    @cached_property
    def _ground(self) -> Ground:
        """Find out what the engine sees; from now on, it is left as it was found."""
        return sight.ground(
            self._order, self._connection, image=self.image.digest, cache=self._cache.name
        )

    @cached_property
    def _cache(self) -> Volume:
        return caches.volume(self._connection, self._order, self.image)

    @contextlib.contextmanager
    def _filled(self, plan: Plan, given: Mapping[str, bytes]) -> Iterator[Container]:
        with self._stay.container(plan) as container:
            self._fill(container, given)
            yield container

    def _fill(self, container: Container, given: Mapping[str, bytes]) -> None:
        user = self._ground.user
        container.unpack(OWN, transfer.folders(user, *OWN_FOLDERS))
        container.unpack(CACHE, transfer.folders(user, *self._ground.folders))
        given = {name: content for name, content in given.items() if content}
        if given:
            container.put(STEP, given)
        if self._ground.packages:
            folder = f"{PROJECT}/{self._order.language.fetch.folder}"
            container.unpack(folder, transfer.folders(user, "."))
        if not self._ground.source:
            with transfer.tree(self._order, user) as archive:
                container.unpack(PROJECT, archive)

    def _take_lock(self, container: Container) -> None:
        lock = self._order.language.fetch.lock
        content = container.get(f"{PROJECT}/{lock}", limit=_LARGEST_MODULE)
        place = self._order.project.root / lock
        if content is not None and not (place.is_file() and files.read(place) == content):
            files.write(place, content)


def _passed(variables: tuple[str, ...]) -> dict[str, str]:
    return {name: os.environ[name] for name in variables if name in os.environ}
