"""What the containers of a build are to be: what they see, and what they may do."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from wasmctl.build.engines import builders, caches
from wasmctl.build.engines.base import Order
from wasmctl.containers import Mount, Plan
from wasmctl.languages.base import Command, Places

# What a step sees, and where.
_WORK = "work"  # in the cache: what compilers keep of each project
_STEP, _ONCE = "step", "work"  # in the container's own folder: its files, and what nobody keeps
PROJECT, CACHE, OWN, _SCRATCH = "/src", "/cache", "/out", "/tmp"  # noqa: S108 - a container's

STEP = f"{OWN}/{_STEP}"
_MADE, _GIVEN = f"{STEP}/made.wasm", f"{STEP}/given.wasm"
TRUSTED = f"{STEP}/ca.pem"

# The folders of the container's own one.
OWN_FOLDERS = (_STEP, _ONCE)

_PROCESSES = 512
_MIB = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What the containers of a build have in common.

    Attributes:
        image: its name or digest.
        user: ``UID:GID``, the caller, or who that is in an engine without root.
        cache: the name of the volume with what tools keep.
        source: the project's folder, None where the engine does not see it.
        packages: the name of the volume with packages that are put into the project's folder,
            where the engine does not see that.

    """

    order: Order
    image: str
    user: str
    cache: str
    source: Path | None
    packages: str | None = None

    @classmethod
    def of(cls, order: Order, image: str) -> "Ground":
        """Return the ground for an engine that sees all of this machine, as the caller's user."""
        return cls(
            order=order,
            image=image,
            user=f"{os.geteuid()}:{os.getegid()}",
            cache=caches.name_of(order, builders.name_of(order)),
            source=order.project.root.resolve(),
        )

    @property
    def places(self) -> Places:
        """Where the commands find things."""
        names = list(self.order.language.caches.values())
        work = f"{_WORK}/{caches.key(self.order.project.root)}"
        place = f"{OWN}/{_ONCE}" if self.order.is_once else f"{CACHE}/{work}"
        return Places(output=_MADE, work=place, packages=f"{CACHE}/{names[0]}", given=_GIVEN)

    def fetching(self, command: Command, network: str, environment: Mapping[str, str]) -> Plan:
        """Return the container that fetches packages."""
        plan = self._plan(command, environment, can_write=True)
        return replace(plan, network=network)

    def making(self, command: Command) -> Plan:
        """Return the container that makes a module."""
        return self._plan(command, {}, can_write=False)

    def _plan(self, command: Command, environment: Mapping[str, str], *, can_write: bool) -> Plan:
        return Plan(
            image=self.image,
            command=command.words,
            user=self.user,
            environment={"HOME": _SCRATCH, **self._caches(), **command.environment, **environment},
            folder=PROJECT,
            mounts=self._mounts(can_write=can_write),
            volumes={CACHE: self.cache, **self._packages()},
            folders=(OWN,) if self.source else (OWN, PROJECT),
            scratch=(_SCRATCH,),
            memory=self.order.project.file.build.container.memory_mb * _MIB,
            processes=_PROCESSES,
        )

    def _caches(self) -> dict[str, str]:
        language = self.order.language
        own = language.results if self.order.is_once else ()
        return {
            name: f"{OWN}/{_ONCE}/{place}" if name in own else f"{CACHE}/{place}"
            for name, place in language.caches.items()
        }

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders of the cache that the commands expect, each behind those it is in."""
        kept = self.order.language.caches.values()
        if self.order.is_once:
            return tuple(kept)
        return (*kept, _WORK, self.places.work.removeprefix(f"{CACHE}/"))

    def _mounts(self, *, can_write: bool) -> tuple[Mount, ...]:
        if not self.source:
            return ()
        return (Mount(source=self.source, target=PROJECT, is_writable=can_write),)

    def _packages(self) -> dict[str, str]:
        folder = self.order.language.fetch.folder
        return {f"{PROJECT}/{folder}": self.packages} if self.packages and folder else {}
