"""Callback altitude on the embedded host: messages are fed to the plugin part by part."""

from collections.abc import Callable

from wasmctl.host import Host, HttpStream, TraceKind
from wasmctl.host.gate import REQUEST, RESPONSE, Direction
from wasmctl.messages import Message
from wasmctl.testing.callbacks import Callback, CallbackSeen, Called

_MILLISECOND = 1_000_000
_SIDES = {
    Callback.REQUEST_HEADERS: REQUEST,
    Callback.REQUEST_BODY: REQUEST,
    Callback.REQUEST_TRAILERS: REQUEST,
    Callback.RESPONSE_HEADERS: RESPONSE,
    Callback.RESPONSE_BODY: RESPONSE,
    Callback.RESPONSE_TRAILERS: RESPONSE,
}
_BODIES = (Callback.REQUEST_BODY, Callback.RESPONSE_BODY)
_TRAILERS = (Callback.REQUEST_TRAILERS, Callback.RESPONSE_TRAILERS)


class HostCallbacks:
    """The streams of one test that are fed part by part.

    Args:
        host: must take down its calls; what callbacks returned is read from there.
        tick_period: tells how many milliseconds are between two ticks; 0: there are none.

    """

    def __init__(self, host: Host, tick_period: Callable[[], int]) -> None:
        self._host = host
        self._tick_period = tick_period
        self.streams: dict[str, HttpStream] = {}

    def play(self, called: Called) -> CallbackSeen:
        """Do one thing to the plugin, and return what it made of it."""
        before = len(self._host.trace)
        direction = _SIDES.get(called.callback)
        passed = self._passed(called, direction)
        self._do(called)
        stream = self.streams.get(called.stream)
        result = self._result(called.callback, before)
        if direction is None or stream is None:
            return CallbackSeen(result=result)
        return _seen(called, stream, direction, passed, result)

    def _passed(self, called: Called, direction: Direction | None) -> int:
        """Return how many bytes of the body had gone on before."""
        stream = self.streams.get(called.stream)
        if direction is None or stream is None:
            return 0
        gone = _gone(stream, direction)
        return len(gone.body) if gone else 0

    def _do(self, called: Called) -> None:
        match called.callback:
            case Callback.REQUEST_HEADERS:
                stream = self._host.open(called.pairs, ends=called.ends)
                self.streams[called.stream] = stream
            case Callback.TICK:
                self._host.advance(self._tick_period() * _MILLISECOND)
            case Callback.SHUTDOWN:
                self._host.close()
            case _ if called.stream in self.streams:
                _feed(self.streams[called.stream], called)
            case _:
                pass  # the plugin has started, and a stream opens with its headers

    def _result(self, callback: Callback, before: int) -> int | None:
        """Return what the callback returned last, if it was called."""
        name = f"proxy_on_{callback}"
        found = [
            record.returned
            for record in self._host.trace[before:]
            if record.kind is TraceKind.CALLBACK and record.function == name
        ]
        return found[-1] if found else None


def _feed(stream: HttpStream, called: Called) -> None:
    match called.callback:
        case Callback.REQUEST_BODY | Callback.RESPONSE_BODY:
            send = stream.send_body
            if called.callback is Callback.RESPONSE_BODY:
                send = stream.answer_body
            for index, chunk in enumerate(called.chunks, 1):
                send(chunk, ends=called.ends and index == len(called.chunks))
        case Callback.REQUEST_TRAILERS:
            stream.send_trailers(called.pairs)
        case Callback.RESPONSE_HEADERS:
            stream.answer_headers(called.pairs, ends=called.ends)
        case Callback.RESPONSE_TRAILERS:
            stream.answer_trailers(called.pairs)
        case Callback.STREAM_CLOSE:
            stream.cancel()
        case _:
            pass


def _seen(
    called: Called, stream: HttpStream, direction: Direction, passed: int, result: int | None
) -> CallbackSeen:
    gone, now = _gone(stream, direction), stream.passing(direction)
    held = now.body if now else b""
    whole = gone.body[passed:] if gone and called.callback in _BODIES else b""
    message = now or gone
    in_trailers = called.callback in _TRAILERS
    exchange = stream.exchange()
    is_complete = exchange.upstream_complete if direction is REQUEST else exchange.client_complete
    return CallbackSeen(
        result=result,
        paused=None if result is None else bool(result),
        pairs=(message.trailers if in_trailers else message.headers) if message else None,
        body=whole + held,
        ends=is_complete,
    )


def _gone(stream: HttpStream, direction: Direction) -> Message | None:
    """Return what has left the plugins in a direction."""
    exchange = stream.exchange()
    return exchange.upstream if direction is REQUEST else exchange.client
