"""All callouts of a host: sent, answered, failed, timed out or cancelled, in virtual time.

A callout belongs to the root context of its plugin: it goes on when the stream it was made for
ends, and is cancelled when the root does. Its end is an event of its own, so it never arrives
inside a callback. Source: Envoy source/extensions/common/wasm/context.cc (``onHttpCallSuccess``,
``onHttpCallFailure``), source/common/http/async_client_impl.cc.
"""

import dataclasses
from collections.abc import Mapping
from functools import partial
from typing import Protocol

from wasmctl.abi.types import Status
from wasmctl.host import clusters, edge, local_reply
from wasmctl.host.body import Body
from wasmctl.host.callout import Callout, CalloutResponse, CalloutState
from wasmctl.host.clusters import Cluster
from wasmctl.host.header_map import HeaderMap, MapKind
from wasmctl.host.hostcall import HostcallError
from wasmctl.host.local_reply import LocalReply
from wasmctl.host.loop import Loop, Timer
from wasmctl.messages import Message, Pair
from wasmctl.outcomes import Failure, Outcome

_MILLISECOND = 1_000_000
_BODY_LIMIT = 32 << 20  # runtime key http.async_response_buffer_limit


class Caller(Protocol):
    """A plugin's root context, as callouts need it."""

    name: str

    def receive(self, token: int, response: CalloutResponse | None) -> None:
        """Hear of a callout's end; None: it was reset, and there is no response."""


class _Call:
    """A callout under way; ``callout`` changes as it goes."""

    def __init__(self, callout: Callout, caller: Caller, began: int) -> None:
        self.callout = callout
        self.caller = caller
        self.began = began
        self.timers: list[Timer] = []
        self.has_response = False  # its headers are here, the rest is not

    @property
    def is_pending(self) -> bool:
        return self.callout.state is CalloutState.PENDING

    def end(self, state: CalloutState) -> None:
        self.callout = dataclasses.replace(self.callout, state=state)
        for timer in self.timers:
            timer.cancel()


class Callouts:
    """The callouts of a host, by ``named`` clusters and the origin's."""

    def __init__(self, loop: Loop, named: Mapping[str, Cluster] | None = None) -> None:
        self._loop = loop
        self._clusters: dict[str, Cluster] = {clusters.ORIGIN: clusters.origin, **(named or {})}
        self._calls: list[_Call] = []

    @property
    def all(self) -> tuple[Callout, ...]:
        """All that were made, in order, as they are now."""
        return tuple(call.callout for call in self._calls)

    def knows(self, cluster: str) -> bool:
        """Whether there is such a cluster."""
        return cluster in self._clusters

    def check(self, cluster: str) -> None:
        """Raise HostcallError where there is no such cluster."""
        if not self.knows(cluster):
            known = ", ".join(self._clusters)
            reason = f"no cluster is called {cluster!r}; there are: {known}"
            raise HostcallError(Status.BAD_ARGUMENT, reason)

    def send(self, caller: Caller, to: str, message: Message, *, timeout: int, token: int) -> None:
        """Send a callout to a cluster that is there; raises HostcallError where that has no host.

        ``timeout`` is in milliseconds; 0 is none.
        """
        callout = Callout(
            number=len(self._calls),
            to=to,
            message=message,
            timeout=timeout,
            plugin=caller.name,
            token=token,
        )
        call = _Call(callout, caller, self._loop.now)
        self._calls.append(call)
        refusal = edge.check_request(HeaderMap(MapKind.REQUEST_HEADERS, message.headers))
        if refusal:
            self._loop.post(partial(self._reply, call, CalloutState.FAILED, refusal))
        else:
            self._begin(call)

    def _begin(self, call: _Call) -> None:
        """Ask the cluster what becomes of a callout, and let its time run."""
        to, timeout = call.callout.to, call.callout.timeout
        outcome = self._clusters[to](call.callout)
        if outcome.failure is Failure.NO_HEALTHY:
            call.end(CalloutState.FAILED)
            raise HostcallError(Status.INTERNAL_FAILURE, f"the cluster {to!r} has no host")
        self._follow(call, outcome)
        if timeout:
            expire = partial(self._expire, call)
            call.timers.append(self._loop.after(timeout * _MILLISECOND, expire))

    def answer(self, callout: Callout, outcome: Outcome) -> None:
        """Say what becomes of a callout that was held; raises ValueError where it has ended."""
        call = self._calls[callout.number]
        if not call.is_pending:
            raise ValueError(f"the callout is over: {call.callout.state}")
        self._follow(call, outcome)

    def cancel(self, caller: Caller) -> None:
        """Cancel what a plugin that ends has under way."""
        for call in self._calls:
            if call.caller is caller and call.is_pending:
                call.end(CalloutState.CANCELLED)

    def _follow(self, call: _Call, outcome: Outcome) -> None:
        if outcome.failure is Failure.TIMEOUT:
            call.has_response = outcome.message is not None
        elif not outcome.held:
            happen = partial(self._happen, call, outcome)
            if outcome.delay:
                call.timers.append(self._loop.after(outcome.delay, happen))
            else:
                self._loop.post(happen)

    def _happen(self, call: _Call, outcome: Outcome) -> None:
        message = outcome.message
        if outcome.failure is None and message is not None:
            self._answer(call, message)
        elif message is not None:
            self._finish(call, CalloutState.FAILED, None)
        else:
            failure = outcome.failure or Failure.RESET
            self._reply(call, CalloutState.FAILED, clusters.FAILURES[failure])

    def _expire(self, call: _Call) -> None:
        if call.has_response:
            self._finish(call, CalloutState.TIMED_OUT, None)
        else:
            self._reply(call, CalloutState.TIMED_OUT, clusters.TIMED_OUT)

    def _answer(self, call: _Call, message: Message) -> None:
        if len(message.body) > _BODY_LIMIT:
            self._finish(call, CalloutState.FAILED, None)
            return
        headers = HeaderMap(MapKind.RESPONSE_HEADERS, message.headers)
        elapsed = (self._loop.now - call.began) // _MILLISECOND
        headers.put(b"x-envoy-upstream-service-time", b"%d" % elapsed)
        response = _response(headers, message.body, message.trailers)
        self._finish(call, CalloutState.ANSWERED, response)

    def _reply(self, call: _Call, state: CalloutState, reply: LocalReply) -> None:
        headers, body = local_reply.compose(reply, call.callout.message)
        self._finish(call, state, _response(headers, body, ()))

    def _finish(self, call: _Call, state: CalloutState, response: CalloutResponse | None) -> None:
        if call.is_pending:
            call.end(state)
            call.caller.receive(call.callout.token, response)


def _response(headers: HeaderMap, body: bytes, trailers: tuple[Pair, ...]) -> CalloutResponse:
    return CalloutResponse(
        headers=headers,
        body=Body(body, writable=False),
        trailers=HeaderMap(MapKind.RESPONSE_TRAILERS, trailers) if trailers else None,
    )
