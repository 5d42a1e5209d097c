"""Queues that machines share, found by ``vm_id`` and name, used by a number.

Source: proxy-wasm-cpp-host ``src/shared_queue.cc``. Whoever registered a queue last hears of each
value that is added, even of one that somebody has taken by then.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from wasmctl.abi.types import Status
from wasmctl.host.hostcall import HostcallError

Notice = Callable[[int], None]


def _nobody(_token: int) -> None:
    """Hear of a queue that a test filled before any plugin registered it."""


@dataclass(kw_only=True)
class _Queue:
    token: int
    notice: Notice = _nobody
    values: deque[bytes] = field(default_factory=deque)


class SharedQueues:
    """All queues of a host; ``post`` runs an action soon, and not now."""

    def __init__(self, post: Callable[[Callable[[], None]], None]) -> None:
        self._post = post
        self._tokens = count(1)
        self._by_name: dict[tuple[str, bytes], _Queue] = {}
        self._by_token: dict[int, _Queue] = {}

    def register(self, vm_id: str, name: bytes, notice: Notice) -> int:
        """Return a queue's token, a new one's or an old one's; its news go to ``notice`` now."""
        queue = self._queue(vm_id, name)
        queue.notice = notice
        return queue.token

    def resolve(self, vm_id: str, name: bytes) -> int:
        """Return the token of a queue that is registered; raises HostcallError."""
        if (vm_id, name) not in self._by_name:
            reason = f"no machine with vm_id {vm_id!r} registered a queue {name!r}"
            raise HostcallError(Status.NOT_FOUND, reason)
        return self._by_name[vm_id, name].token

    def enqueue(self, token: int, value: bytes) -> None:
        """Add a value, and let the queue's owner know soon; raises HostcallError."""
        queue = self._known(token)
        queue.values.append(value)
        notice = queue.notice
        self._post(lambda: notice(token))

    def dequeue(self, token: int) -> bytes:
        """Take the oldest value; raises HostcallError."""
        queue = self._known(token)
        if not queue.values:
            raise HostcallError(Status.EMPTY, f"the queue with token {token} is empty")
        return queue.values.popleft()

    def contents(self, vm_id: str, name: bytes) -> tuple[bytes, ...]:
        """Return what waits in a queue, the oldest first."""
        found = self._by_name.get((vm_id, name))
        return tuple(found.values) if found else ()

    @property
    def all(self) -> dict[tuple[str, bytes], tuple[bytes, ...]]:
        """What waits in each queue, by ``vm_id`` and name."""
        return {key: tuple(queue.values) for key, queue in self._by_name.items()}

    def put(self, vm_id: str, name: bytes, value: bytes) -> None:
        """Add a value from outside, to a queue that need not be registered yet."""
        self.enqueue(self._queue(vm_id, name).token, value)

    def _queue(self, vm_id: str, name: bytes) -> _Queue:
        queue = self._by_name.get((vm_id, name))
        if queue is None:
            queue = _Queue(token=next(self._tokens))
            self._by_name[vm_id, name] = self._by_token[queue.token] = queue
        return queue

    def _known(self, token: int) -> _Queue:
        if token not in self._by_token:
            raise HostcallError(Status.NOT_FOUND, f"no queue has the token {token}")
        return self._by_token[token]
