import threading

import pytest

from wasmctl.build.deadline import Deadline
from wasmctl.errors import DeadlineError


def test_what_ends_in_time_is_left_alone() -> None:
    ended = threading.Event()

    with Deadline(60).ending(ended.set):
        pass

    assert not ended.is_set()


def test_without_a_number_nothing_is_ended() -> None:
    ended = threading.Event()

    with Deadline().ending(ended.set):
        pass

    assert not ended.is_set()


def test_what_takes_too_long_is_ended() -> None:
    ended = threading.Event()

    with (
        pytest.raises(DeadlineError, match=r"did not end within 0\.01 s") as caught,
        Deadline(0.01).ending(ended.set),
    ):
        ended.wait()

    assert "--timeout" in caught.value.hint


def test_the_seconds_are_those_of_all_commands() -> None:
    deadline = Deadline(0.01)
    with pytest.raises(DeadlineError), deadline.ending(lambda: None):
        threading.Event().wait(0.02)

    ended = threading.Event()
    with pytest.raises(DeadlineError), deadline.ending(ended.set):
        ended.wait()
