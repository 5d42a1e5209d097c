from wasmctl.envoy.peers import exchange
from wasmctl.envoy.peers.exchange import Exchange
from wasmctl.envoy.peers.parts import Await, Data, Hold, Part, Pause, Script, Stage
from wasmctl.envoy.peers.received import Ending

_A, _B, _C = (Data(content=name) for name in (b"a", b"b", b"c"))
_END = Data(content=b"", end=True)


class _Stage:
    """A connection that takes every part, and notes it."""

    def __init__(self, *script: Part) -> None:
        self.exchange = Exchange()
        self.exchange.add(script)
        self.done: list[Part] = []

    def play(self, now: float = 0.0) -> Script:
        """Return what was done by a play."""
        self.done.clear()
        self.exchange.play(self._perform, now)
        return tuple(self.done)

    def _perform(self, part: Part) -> bool:
        self.done.append(part)
        return True


def test_a_pause_lasts_from_the_moment_it_is_met() -> None:
    stage = _Stage(_A, Pause(seconds=2), _B)

    played = [stage.play(now) for now in (10.0, 11.9, 12.0)]

    assert played == [(_A,), (), (_B,)]
    assert stage.exchange.due is None


def test_a_hold_is_replaced_by_what_it_is_released_with() -> None:
    stage = _Stage(Hold(), _C)
    before = (stage.play(), stage.exchange.is_held)

    stage.exchange.release((_A, _B))

    assert before == ((), True)
    assert stage.play() == (_A, _B, _C)
    assert not stage.exchange.is_held


def test_it_waits_for_headers_and_for_the_end() -> None:
    stage = _Stage(Await(stage=Stage.HEADERS), _A, Await(), _B)
    first = stage.play()

    stage.exchange.incoming.headers = ()
    second = stage.play()
    stage.exchange.incoming.end(Ending.END)

    assert (first, second, stage.play()) == ((), (_A,), (_B,))


def test_it_is_over_when_both_sides_have_ended() -> None:
    stage = _Stage(_END)
    stage.play()
    was_over = stage.exchange.is_over

    stage.exchange.incoming.end(Ending.END)
    stage.exchange.add((_A,))

    assert not was_over
    assert stage.exchange.is_over
    assert stage.play() == ()


def test_an_end_is_noted_once() -> None:
    stage = _Stage(_A)
    stage.exchange.incoming.end(Ending.END)

    exchange.end_all([stage.exchange], Ending.CLOSED)

    assert stage.exchange.received.ending is Ending.END
    assert stage.play() == ()
