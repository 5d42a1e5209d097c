from collections import deque
from collections.abc import Callable

import pytest

from wasmctl.abi.types import Status
from wasmctl.host.hostcall import HostcallError
from wasmctl.host.shared_queues import SharedQueues


class Posted(deque[Callable[[], None]]):
    """What a loop was given."""

    def run(self) -> None:
        while self:
            self.popleft()()


def ignore(_token: int) -> None:
    """Hear of a value."""


def queues() -> tuple[SharedQueues, Posted]:
    posted = Posted()
    return SharedQueues(posted.append), posted


def test_a_name_has_one_token_for_all() -> None:
    made, _ = queues()

    tokens = [made.register(vm_id, name, ignore) for vm_id, name in _NAMES]

    assert tokens == [1, 2, 3, 1]
    assert made.resolve("w", b"a") == 3


_NAMES = [("v", b"a"), ("v", b"b"), ("w", b"a"), ("v", b"a")]


def test_the_first_that_came_is_the_first_to_go() -> None:
    made, _ = queues()
    token = made.register("", b"a", ignore)

    made.enqueue(token, b"1")
    made.enqueue(token, b"2")

    assert made.contents("", b"a") == (b"1", b"2")
    assert [made.dequeue(token), made.dequeue(token)] == [b"1", b"2"]


def test_the_last_owner_hears_of_each_value_even_if_it_is_taken() -> None:
    made, posted = queues()
    heard: list[str] = []
    token = made.register("", b"a", lambda token: heard.append(f"first {token}"))
    made.register("", b"a", lambda token: heard.append(f"last {token}"))

    made.enqueue(token, b"1")
    made.enqueue(token, b"2")
    made.dequeue(token)
    made.dequeue(token)
    posted.run()

    assert heard == ["last 1", "last 1"]


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        (lambda made: made.resolve("v", b"a"), "vm_id 'v' registered a queue b'a'"),
        (lambda made: made.enqueue(7, b""), "no queue has the token 7"),
        (lambda made: made.dequeue(7), "no queue has the token 7"),
    ],
    ids=["resolve", "enqueue", "dequeue"],
)
def test_an_unknown_queue_is_not_found(
    action: Callable[[SharedQueues], object], reason: str
) -> None:
    made, _ = queues()

    with pytest.raises(HostcallError, match=reason) as caught:
        action(made)

    assert caught.value.status is Status.NOT_FOUND


def test_an_empty_queue_says_so() -> None:
    made, _ = queues()
    token = made.register("", b"a", ignore)

    with pytest.raises(HostcallError, match="token 1 is empty") as caught:
        made.dequeue(token)

    assert caught.value.status is Status.EMPTY


def test_what_a_tester_puts_in_before_waits_for_the_plugin() -> None:
    made, posted = queues()

    made.put("", b"a", b"1")
    posted.run()

    assert made.dequeue(made.register("", b"a", ignore)) == b"1"
