"""What an engine sees of this machine: the project's folder, and the caller."""

import os
from dataclasses import replace

from wasmctl.build import scratch
from wasmctl.build.engines import caches, transfer
from wasmctl.build.engines.base import Order
from wasmctl.build.engines.ground import Ground
from wasmctl.containers import Connection
from wasmctl.errors import FilesError


def ground(order: Order, connection: Connection, *, image: str, cache: str) -> Ground:
    """Return the ground of a build, where the project is sent if the engine does not see it.

    Raises BuildFailedError where a source is a link that a container cannot follow.
    """
    transfer.check_links(order)
    root = order.project.root.resolve()
    is_seen = _is_seen(order, connection) and not connection.confines_by_label()
    if not is_seen:
        order.show(f"{connection.engine.endpoint} does not see {root}: it is sent")
    return replace(
        Ground.of(order, image),
        user=user(connection),
        cache=cache,
        source=root if is_seen else None,
        packages=None if is_seen else _packages(order, connection),
    )


def user(connection: Connection) -> str:
    """Return who the caller is in a container, ``UID:GID``."""
    # In an engine that runs as the caller, the caller is root.
    if os.geteuid() != 0 and connection.is_rootless():
        return "0:0"
    return f"{os.geteuid()}:{os.getegid()}"


def _is_seen(order: Order, connection: Connection) -> bool:
    # Another machine may have a folder of the same name, but not one that is made just now.
    root, output = order.project.root.resolve(), order.project.output.parent.resolve()
    try:
        with scratch.folder(output if output.is_relative_to(root) else root) as token:
            return connection.sees(token)
    except FilesError:  # nothing can be made in it
        return connection.sees(root)


def _packages(order: Order, connection: Connection) -> str | None:
    if not order.language.fetch.folder:
        return None
    return caches.packages_volume(connection, order).name
