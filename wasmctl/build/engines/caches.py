"""The volumes in which builds in containers keep what they need again."""

import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from wasmctl import containers
from wasmctl.build.engines.base import BuilderImage, Order
from wasmctl.build.engines.builders import LABEL as BUILDER
from wasmctl.containers import Connection, Volume

LABEL = "wasmctl.cache"
# Tells a volume from one of the same name that was there before.
ID = "wasmctl.id"
_IMAGE, _USER, _PROJECT = "wasmctl.image", "wasmctl.user", "wasmctl.project"

_LENGTH = 8


@dataclass(frozen=True, kw_only=True)
class Kept:
    """Something that builds keep in an engine.

    Attributes:
        kind: ``cache`` (packages, results of compilers) or ``image`` (a language's tools).
        user: the id of the user whose builds use it; of an image: None.
        project: whose packages they are, where those of each project are apart.

    """

    kind: str
    name: str
    language: str
    size: int
    user: int | None = None
    project: str | None = None


@dataclass(frozen=True, kw_only=True)
class Contents:
    """All that builds keep in the engine at ``endpoint``."""

    endpoint: str
    kept: tuple[Kept, ...]


@dataclass(frozen=True, kw_only=True)
class Pruned:
    """What was removed, and what a build under way needs."""

    endpoint: str
    removed: tuple[Kept, ...]
    in_use: tuple[Kept, ...]


def name_of(order: Order, image: str) -> str:
    """Return the name of the volume for the builds of this user with an image's tools."""
    tools = hashlib.sha256(image.encode()).hexdigest()[:_LENGTH]
    return f"wasmctl-cache-{order.language.name}-{tools}-{os.geteuid()}"


def key(root: Path) -> str:
    """Return what tells a project's folder from others."""
    return hashlib.sha256(os.fsencode(root.resolve())).hexdigest()[: 2 * _LENGTH]


def volume(connection: Connection, order: Order, image: BuilderImage) -> Volume:
    """Return the volume of this user's builds with an image's tools, made where there is none."""
    return connection.volumes.ensure(name_of(order, image.name), _labels(order, image.name))


def packages_volume(connection: Connection, order: Order) -> Volume:
    """Return the volume of a project's packages, for an engine that does not see its folder."""
    root = order.project.root.resolve()
    name = f"wasmctl-packages-{key(root)}-{os.geteuid()}"
    return connection.volumes.ensure(name, _labels(order, "") | {_PROJECT: str(root)})


def contents() -> Contents:
    """Return what builds keep in the engine that the environment names.

    Raises EnvironmentMissingError where none answers.
    """
    with containers.connected() as connection:
        return Contents(endpoint=connection.engine.endpoint, kept=_kept(connection))


def prune(*, images: bool) -> Pruned:
    """Remove the caches of this user's builds, and if asked for the images of tools.

    Raises EnvironmentMissingError where no engine answers.
    """
    removed: list[Kept] = []
    in_use: list[Kept] = []
    with containers.connected() as connection:
        for each in _kept(connection):
            if each.user == os.geteuid() or (images and each.kind == "image"):
                is_gone = _remove(connection, each)
                (removed if is_gone else in_use).append(each)
        endpoint = connection.engine.endpoint
    return Pruned(endpoint=endpoint, removed=tuple(removed), in_use=tuple(in_use))


def _remove(connection: Connection, kept: Kept) -> bool:
    place = connection.images if kept.kind == "image" else connection.volumes
    return place.remove(kept.name)


def _kept(connection: Connection) -> tuple[Kept, ...]:
    volumes = [
        Kept(
            kind="cache",
            name=volume.name,
            language=volume.labels[LABEL],
            size=volume.size,
            user=int(volume.labels.get(_USER, -1)),
            project=volume.labels.get(_PROJECT),
        )
        for volume in connection.volumes.labelled(LABEL)
    ]
    images = [
        Kept(kind="image", name=image.name, language=image.labels[BUILDER], size=image.size)
        for image in connection.images.labelled(BUILDER)
    ]
    return (*volumes, *images)


def _labels(order: Order, image: str) -> dict[str, str]:
    return {
        LABEL: order.language.name,
        _IMAGE: image,
        _USER: str(os.geteuid()),
        ID: secrets.token_hex(8),
    }
