import pytest

from wasmctl.envoy import waiting
from wasmctl.errors import DeadlineError


def test_it_returns_when_the_condition_holds() -> None:
    tries: list[int] = []

    def third_time() -> bool:
        tries.append(1)
        return len(tries) == 3

    waiting.until(third_time, seconds=30, otherwise="never")

    assert len(tries) == 3


def test_a_condition_that_never_holds_is_an_error() -> None:
    with pytest.raises(DeadlineError, match="the plugin did not end"):
        waiting.until(lambda: False, seconds=0, otherwise="the plugin did not end")
