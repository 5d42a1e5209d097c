"""What removes containers whose owner, and whose guardian, have died.

Only those that bear our labels, and whose owner was a process of this system that is no more.
"""

import contextlib

from wasmctl.containers import labels
from wasmctl.containers.connection import Connection
from wasmctl.errors import EnvironmentMissingError


def reap(connection: Connection) -> None:
    """Remove the orphans in an engine.

    One that cannot be removed is left to the next time: it must not keep anybody from working.
    """
    for container in connection.labelled(labels.RUN):
        if labels.is_orphan(container.labels):
            with contextlib.suppress(EnvironmentMissingError):
                container.remove()
