"""What is done with a host: requests whole and in parts, side by side; time; another configuration.

Each move leaves the host as good as it found it, whatever its plugins do meanwhile.
"""

import contextlib
from collections.abc import Callable, Mapping
from random import Random

from wasmctl import messages
from wasmctl.host import Host, LoadError
from wasmctl.host.callout import CalloutState
from wasmctl.messages import Message
from wasmctl.outcomes import HELD, Failure, Outcome, reply

_MILLISECOND = 1_000_000
OUTCOMES = (
    reply(messages.response(200, chunks=(b"called",))),
    reply(messages.response(500, trailers=((b"x-t", b"1"),))),
    reply(messages.response(200), delay=10 * _MILLISECOND),
    Outcome(failure=Failure.RESET),
    Outcome(failure=Failure.RESET, message=messages.response(200, chunks=(b"half",))),
    Outcome(failure=Failure.REFUSED),
    Outcome(failure=Failure.TIMEOUT),
    HELD,
)

Move = Callable[[Host, Random, Message, Message], None]


def _whole(host: Host, random: Random, request: Message, answer: Message) -> None:
    outcome = random.choice((*(reply(answer),) * 4, *OUTCOMES))
    host.http(request, outcome, seconds=random.choice((0.0, 0.05)))


def _parts(host: Host, random: Random, request: Message, answer: Message) -> None:
    stream = host.open(request.headers, ends=random.random() < 0.2)
    for chunk in request.chunks:
        if not stream.is_over:
            stream.send_body(chunk, ends=random.random() < 0.2)
    if not stream.is_over and random.random() < 0.5:
        stream.send_trailers(request.trailers)
    if stream.is_connected and not stream.is_over:
        stream.answer(random.choice((reply(answer), *OUTCOMES)))
    stream.exchange()
    stream.cancel()


def _side_by_side(host: Host, random: Random, request: Message, answer: Message) -> None:
    streams = [host.send(request) for _ in range(3)]
    host.advance(5 * _MILLISECOND)
    random.shuffle(streams)
    for stream in streams:
        if stream.is_connected and not stream.is_over:
            stream.answer(random.choice((reply(answer), *OUTCOMES)))
        stream.exchange()
    for stream in streams[:2]:
        stream.cancel()


def _time(host: Host, random: Random, request: Message, answer: Message) -> None:
    del request, answer
    host.advance(random.choice((0, 1, 20)) * _MILLISECOND)


def _callouts(host: Host, random: Random, request: Message, answer: Message) -> None:
    del request
    for callout in host.callouts:
        if callout.state is CalloutState.PENDING:
            # An answer may end others that were still pending.
            with contextlib.suppress(ValueError):
                host.answer(callout, random.choice((reply(answer), *OUTCOMES)))


def _configuration(host: Host, random: Random, request: Message, answer: Message) -> None:
    del request, answer
    with contextlib.suppress(LoadError):
        host.reconfigure("first", random.choice((b"", b"{}", b"\xff" * 40)))


def _restart(host: Host, random: Random, request: Message, answer: Message) -> None:
    del random, request, answer
    with contextlib.suppress(LoadError):
        host.restart_vm()


# How often each is made, among a hundred.
MOVES: Mapping[Move, int] = {
    _whole: 60,
    _parts: 10,
    _side_by_side: 10,
    _time: 10,
    _callouts: 6,
    _configuration: 2,
    _restart: 2,
}
