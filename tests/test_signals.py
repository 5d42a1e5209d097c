"""Signals that wait."""

import signal

import pytest

from wasmctl import signals


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_waits_until_it_is_delivered(number: signal.Signals) -> None:
    def stop(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(number, stop)
    try:
        with signals.noted() as deliver:
            signal.raise_signal(number)
            with pytest.raises(KeyboardInterrupt):
                deliver()

        assert signal.getsignal(number) == stop
    finally:
        signal.signal(number, before)
