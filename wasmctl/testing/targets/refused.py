"""The session of plugins that did not start: on every target nothing can be done with them."""

from collections.abc import Sequence

from wasmctl.outcomes import Outcome
from wasmctl.testing.callbacks import CallbackSeen, Called
from wasmctl.testing.observation import Observation
from wasmctl.testing.targets.base import PATIENCE, Sending, Until
from wasmctl.testing.upstreams import Upstreams


class RefusedSession:
    """What their start showed, and nothing more."""

    def __init__(self, seen: Observation) -> None:
        self.upstreams = Upstreams({})
        self._seen = seen

    def send(self, *sendings: Sending) -> None:
        """Send nothing: there is nobody."""

    def wait(self, stream: str, until: Until, patience: int = PATIENCE) -> bool:  # noqa: ARG002
        """Wait for nothing."""
        return False

    def wait_for_all(self, streams: Sequence[str], patience: int = PATIENCE) -> None:
        """Wait for nothing."""

    def answer_callout(self, cluster: str, number: int, outcome: Outcome) -> bool:  # noqa: ARG002
        """Answer nothing."""
        return False

    def answer_stream(self, stream: str, outcome: Outcome) -> bool:  # noqa: ARG002
        """Answer nothing."""
        return False

    def advance(self, nanoseconds: int) -> None:
        """Let no time pass."""

    def reconfigure(self, plugin: str | None, configuration: bytes) -> str | None:  # noqa: ARG002
        """Change nothing."""
        return None

    def restart_vm(self) -> None:
        """Begin nothing."""

    def cancel(self, stream: str) -> None:
        """Give nothing up."""

    def set_shared_data(self, vm_id: str, key: bytes, value: bytes) -> None:
        """Change nothing."""

    def enqueue(self, vm_id: str, queue: str, data: bytes) -> bool:  # noqa: ARG002
        """Fill nothing."""
        return False

    def callback(self, called: Called) -> CallbackSeen:  # noqa: ARG002
        """Call nothing."""
        return CallbackSeen()

    def observation(self, stream: str | None = None) -> Observation:  # noqa: ARG002
        """Return what the start showed."""
        return self._seen

    def notes(self) -> tuple[str, ...]:
        """Return nothing."""
        return ()
