"""The images that builds run in: our own, made of a Dockerfile and named by it, or the user's."""

import contextlib
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from platformdirs import user_cache_path

from wasmctl import containers, files, languages
from wasmctl.build import tools
from wasmctl.build.engines import surroundings
from wasmctl.build.engines.base import BuilderImage, Order
from wasmctl.build.engines.stay import Stay
from wasmctl.containers import Connection, Plan
from wasmctl.errors import EnvironmentMissingError, FilesError
from wasmctl.languages.base import Language, Tool

LABEL = "wasmctl.builder"

_BASE = "FROM "


def name_of(order: Order) -> str:
    """Return the name of the image of a build, whether it is there or not."""
    chosen = order.project.file.build.container.image
    if chosen:
        return chosen
    content = hashlib.sha256(_dockerfile(order.language)).hexdigest()[:12]
    return f"wasmctl-builder-{order.language.name}:{content}"


def ensure(connection: Connection, order: Order) -> BuilderImage:
    """Return the image of a build, made or pulled where it is not there yet.

    Raises EnvironmentMissingError where it cannot be had.
    """
    name = name_of(order)
    if order.project.file.build.container.image:
        return BuilderImage(name=name, digest=containers.obtain(connection, name).id)
    found = connection.image(name)
    if not found:
        lock = user_cache_path("wasmctl") / "builders" / f"{name.replace(':', '-')}.lock"
        with files.locked(lock, on_wait=lambda: order.show(f"waiting for {name} to be made")):
            found = connection.image(name)
            if not found:
                _build(connection, order, name)
                found = containers.obtain(connection, name)
    return BuilderImage(name=name, digest=found.id)


def versions(
    stay: Stay, image: BuilderImage, asked: tuple[Tool, ...], user: str
) -> Mapping[str, str]:
    """Return the versions of tools in an image; what is known of a digest is not asked again.

    Raises EnvironmentMissingError where one is missing, or too old.
    """
    memory = user_cache_path("wasmctl") / "builders" / f"{image.digest.replace(':', '-')}.json"
    known = _remembered(memory)
    missing = [tool for tool in asked if tool.name not in known]
    for tool in missing:
        known[tool.name] = _version(stay, image, tool, user)
    if missing:
        files.write(memory, json.dumps(known, indent=2).encode())
    return {tool.name: known[tool.name] for tool in asked}


def _remembered(memory: Path) -> dict[str, str]:
    try:
        return dict(json.loads(files.read(memory)))
    except (FilesError, ValueError):
        return {}


def _version(stay: Stay, image: BuilderImage, tool: Tool, user: str) -> str:
    plan = Plan(
        image=image.digest,
        command=tool.version.words,
        environment=tool.version.environment,
        user=user,
        scratch=("/tmp",),  # noqa: S108 - a container's own
    )
    version = None
    with contextlib.suppress(EnvironmentMissingError), stay.container(plan) as container:
        version = tools.version_in(tool, stay.follow(container, show=_nothing).output)
    if not version or not tools.is_sufficient(tool, version):
        oldest = ".".join(map(str, tool.minimum))
        state = f"has {tool.title} {version}" if version else f"has no {tool.title}"
        raise EnvironmentMissingError(
            f"the image {image.name} {state}: version {oldest} or newer is needed",
            hint="name another image in [build.container], or none to use wasmctl's own",
        )
    return version


def _nothing(_line: str) -> None:
    """Show none of what tools say of themselves."""


def _build(connection: Connection, order: Order, name: str) -> None:
    dockerfile = _dockerfile(order.language)
    order.show(f"making the image {name} of {order.language.title}'s tools, once")
    containers.obtain(connection, _base(dockerfile))
    failed = connection.images.build(
        dockerfile,
        name=name,
        labels={LABEL: order.language.name},
        network=surroundings.network(connection, order),
        arguments=surroundings.proxies(),
        on_line=order.show,
    )
    if failed:
        raise EnvironmentMissingError(
            f"cannot make the image {name}: {failed}",
            hint="it needs the network once, to reach Debian's packages; or name an image that is"
            " there in [build.container]",
        )


def _dockerfile(language: Language) -> bytes:
    folder = Path(languages.__file__).parent / "images"
    return files.read(folder / f"{language.name}.Dockerfile")


def _base(dockerfile: bytes) -> str:
    lines = dockerfile.decode().splitlines()
    return next(line.removeprefix(_BASE) for line in lines if line.startswith(_BASE))
