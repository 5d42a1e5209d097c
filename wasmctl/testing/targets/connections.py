"""On which connections of its client the requests of a test go."""

from wasmctl.testing.targets.base import NEW_CONNECTION, Sending


class Connections:
    """The names of a client's connections: requests with the same name go on the same one.

    An address and a version have connections of their own, whatever these are called.
    """

    def __init__(self) -> None:
        self._alone = 0

    def name(self, sending: Sending) -> str:
        """Return the name of a request's connection; one that wants a new one gets a new name."""
        own = sending.connection
        if own == NEW_CONNECTION:
            self._alone += 1
            own = f"{NEW_CONNECTION} {self._alone}"
        return f"{sending.source} {sending.version} {own}"
