"""Plugins to run, as users name them: a module's file, a project's folder, an image."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from wasmctl import files, plugin
from wasmctl.envoy.plugin_config import FailurePolicy, Kind
from wasmctl.errors import FilesError, UsageError
from wasmctl.plugin import Plugin

_UNWANTED = re.compile(r"[^A-Za-z0-9_.-]+")


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """A plugin with all that a proxy is told of it.

    Attributes:
        name: unique in its chain; made of letters, digits, ``_``, ``.`` and ``-``.
        file: the module's file, where there is one whose changes may matter.

    """

    name: str
    plugin: Plugin
    file: Path | None = None
    kind: Kind = Kind.HTTP
    configuration: bytes = b""
    root_id: str = ""
    vm_id: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    capabilities: frozenset[str] | None = None
    failure_policy: FailurePolicy | None = None


def opened(
    source: str, *, plain_http: bool = False, on_progress: Callable[[str], None]
) -> Deployed:
    """Open a plugin; a project also says how it is configured.

    Raises UsageError where it is neither a file, nor a folder, nor an image's reference, and what
    reading it raises.
    """
    path = Path(source)
    if path.is_dir():
        return _of_project(path)
    if path.exists() or path.suffix == ".wasm":
        return Deployed(name=_name(path.stem), plugin=plugin.open_plugin(path), file=path)
    return _of_image(source, plain_http=plain_http, on_progress=on_progress)


def _of_project(folder: Path) -> Deployed:
    # Its models are built when it is loaded, which a module alone needs not wait for.
    from wasmctl import project  # noqa: PLC0415

    found = project.load(folder)
    if not found.output.exists():
        raise FilesError(
            f"nothing to run: {found.output} does not exist",
            hint=f"build it first: wasmctl build -C {found.root}",
        )
    told = found.file.plugin
    return Deployed(
        name=found.name,
        plugin=plugin.open_plugin(found.output),
        file=found.output,
        configuration=found.configuration(),
        root_id=told.root_id,
        vm_id=told.vm_id,
        environment=told.env,
    )


def _of_image(source: str, *, plain_http: bool, on_progress: Callable[[str], None]) -> Deployed:
    # Loaded where it is needed: a registry's client costs more time than Envoy's start.
    from wasmctl import oci  # noqa: PLC0415
    from wasmctl.oci.access import Access  # noqa: PLC0415
    from wasmctl.oci.reference import ImageRef, parse  # noqa: PLC0415

    try:
        reference = parse(source)
    except UsageError as error:
        raise UsageError(
            f"{source} is no file, no folder and no image: {error.message}", hint=error.hint
        ) from error
    access = Access(plain_http=plain_http)
    pulled = oci.pull(reference, access=access, on_progress=on_progress)
    place = reference.repository if isinstance(reference, ImageRef) else reference.folder.name
    return Deployed(name=_name(place.rpartition("/")[2]), plugin=plugin.parse(pulled.content))


def _name(text: str) -> str:
    return _UNWANTED.sub("-", text) or "plugin"


def unique_names(names: list[str]) -> list[str]:
    """Return the names with a number after each that was there before: ``p``, ``p-2``."""
    found: list[str] = []
    for name in names:
        number, offered = 1, name
        while offered in found:
            number += 1
            offered = f"{name}-{number}"
        found.append(offered)
    return found


def configuration(text: str) -> bytes:
    """Return a plugin's configuration as users give it: the text itself, or ``@FILE``.

    Raises FilesError where the file cannot be read.
    """
    return files.read(Path(text[1:])) if text.startswith("@") else text.encode()
