"""The life of callouts in virtual time, by themselves; what plugins see is with the hostcall."""

from collections.abc import Callable

import pytest

from wasmctl import messages
from wasmctl.abi.types import Status
from wasmctl.host.callout import Callout, CalloutResponse, CalloutState
from wasmctl.host.callouts import Callouts
from wasmctl.host.clock import Clock
from wasmctl.host.hostcall import HostcallError
from wasmctl.host.loop import Loop
from wasmctl.outcomes import HELD, Failure, Outcome, reply

MILLISECOND = 1_000_000
REQUEST = messages.request("/c")
OK = messages.response(200)


class Caller:
    """What hears of callouts: their tokens and statuses, in order."""

    def __init__(self) -> None:
        self.name = "plug"
        self.heard: list[tuple[int, bytes | None]] = []

    def receive(self, token: int, response: CalloutResponse | None) -> None:
        status = response.headers.get(b":status") if response is not None else None
        self.heard.append((token, status))


class Bench:
    """Callouts on a loop, and a caller."""

    def __init__(self, cluster: Callable[[Callout], Outcome]) -> None:
        self.loop = Loop(Clock())
        self.callouts = Callouts(self.loop, {"c": cluster})
        self.caller = Caller()

    def send(self, token: int = 4, timeout: int = 10) -> None:
        self.callouts.send(self.caller, "c", REQUEST, timeout=timeout, token=token)

    @property
    def states(self) -> list[CalloutState]:
        return [callout.state for callout in self.callouts.all]


def test_answers_come_in_the_order_of_their_times() -> None:
    delays = iter([5, 0, 2])
    bench = Bench(lambda _: reply(OK, delay=next(delays) * MILLISECOND))

    for token in (4, 8, 12):
        bench.send(token)
    bench.loop.advance(5 * MILLISECOND)

    assert [token for token, _ in bench.caller.heard] == [8, 12, 4]
    assert [callout.number for callout in bench.callouts.all] == [0, 1, 2]


@pytest.mark.parametrize(("delay", "status"), [(9, b"200"), (10, b"200"), (11, b"504")])
def test_an_answer_has_to_be_there_in_time(delay: int, status: bytes) -> None:
    bench = Bench(lambda _: reply(OK, delay=delay * MILLISECOND))

    bench.send(timeout=10)
    bench.loop.advance(100 * MILLISECOND)

    assert bench.caller.heard == [(4, status)]


def test_nothing_is_told_before_the_loop_runs() -> None:
    bench = Bench(lambda _: reply(OK))

    bench.send()
    before = list(bench.caller.heard)
    bench.loop.run()

    assert before == []
    assert bench.caller.heard == [(4, b"200")]


def test_what_is_held_may_be_held_again() -> None:
    bench = Bench(lambda _: HELD)
    bench.send()
    (callout,) = bench.callouts.all

    bench.callouts.answer(callout, HELD)
    bench.callouts.answer(callout, reply(OK))
    bench.loop.run()

    assert bench.caller.heard == [(4, b"200")]


def test_a_response_that_begins_and_does_not_end_is_a_reset_when_time_is_up() -> None:
    bench = Bench(lambda _: Outcome(message=OK, failure=Failure.TIMEOUT))

    bench.send()
    bench.loop.advance(10 * MILLISECOND)

    assert bench.caller.heard == [(4, None)]
    assert bench.states == [CalloutState.TIMED_OUT]


def test_a_cluster_without_hosts_fails_at_once() -> None:
    bench = Bench(lambda _: Outcome(failure=Failure.NO_HEALTHY))

    with pytest.raises(HostcallError, match="the cluster 'c' has no host") as caught:
        bench.send()
    bench.loop.advance(100 * MILLISECOND)

    assert caught.value.status is Status.INTERNAL_FAILURE
    assert bench.caller.heard == []
    assert bench.states == [CalloutState.FAILED]


def test_an_unknown_cluster_is_refused_with_those_that_are_there() -> None:
    bench = Bench(lambda _: HELD)

    with pytest.raises(HostcallError, match="no cluster is called 'd'; there are: upstream, c"):
        bench.callouts.check("d")


def test_what_is_cancelled_is_never_heard_of() -> None:
    bench = Bench(lambda _: reply(OK, delay=5 * MILLISECOND))
    other = Caller()
    bench.send()
    bench.callouts.send(other, "c", REQUEST, timeout=0, token=8)

    bench.callouts.cancel(bench.caller)
    bench.loop.advance(100 * MILLISECOND)

    assert (bench.caller.heard, other.heard) == ([], [(8, b"200")])
    assert bench.states == [CalloutState.CANCELLED, CalloutState.ANSWERED]
