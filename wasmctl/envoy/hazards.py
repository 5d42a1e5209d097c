"""Mistakes of plugins that Envoy does not survive, found in its last lines.

Each was reproduced on Envoy 1.36 to 1.40; what they have in common is that the hostcall is made
where Envoy's own code has nothing to apply it to.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from wasmctl.envoy import trace
from wasmctl.envoy.logs import Entry
from wasmctl.module import Module

_HOSTCALL = re.compile(r"\[vm->host\] env\.(proxy_\w+)\(([^)]*)\)")
_RESPONSE = "1"
_BODIES = (("0",), ("1",))
_BEFORE_A_RESPONSE = (
    *("proxy_on_context_create", "proxy_on_request", "proxy_on_log"),
    *("proxy_on_tick", "proxy_on_http_call_response", "proxy_on_queue_ready"),
)
_AT_THE_END = ("proxy_on_log", "proxy_on_done", "proxy_on_delete")


@dataclass(frozen=True, kw_only=True)
class _Call:
    """A hostcall, with the callback in which it is made (None: in the module's start)."""

    callback: str | None
    name: str
    arguments: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Hazard:
    """A mistake: ``fits`` says whether the plugin's last hostcall was it."""

    fits: Callable[[_Call], bool]
    words: str


_HAZARDS = (
    _Hazard(
        fits=lambda call: (
            call.name == "proxy_continue_stream"
            and call.arguments[:1] == (_RESPONSE,)
            and (call.callback or "").startswith(_BEFORE_A_RESPONSE)
        ),
        words="known hazard: proxy_continue_stream(response) before there is a response crashes"
        " Envoy; continue the request instead",
    ),
    _Hazard(
        fits=lambda call: (
            call.name == "proxy_continue_stream"
            and call.arguments[:1] == (_RESPONSE,)
            and call.callback == "proxy_on_response_headers"
        ),
        words="known hazard: a response that is continued, and let pass by the same callback, goes"
        " twice; return StopIteration after proxy_continue_stream",
    ),
    _Hazard(
        fits=lambda call: call.name == "proxy_send_local_response" and call.callback in _AT_THE_END,
        words="known hazard: a local response sent from proxy_on_log, proxy_on_done or"
        " proxy_on_delete ends Envoy; send it from an earlier callback",
    ),
    _Hazard(
        fits=lambda call: call.name == "proxy_close_stream" and call.callback in _AT_THE_END,
        words="known hazard: closing a stream from proxy_on_log, proxy_on_done or proxy_on_delete"
        " ends Envoy; it is over by then",
    ),
    _Hazard(
        fits=lambda call: (
            call.name == "proxy_get_buffer_bytes"
            and call.arguments[:1] in _BODIES
            and call.callback in {"proxy_on_http_call_response", "proxy_on_tick"}
        ),
        words="known hazard: the body is gone after StopIterationAndWatermark; return"
        " StopIterationAndBuffer from the body callback to read it later",
    ),
    _Hazard(
        fits=lambda call: call.name in {"proxy_grpc_call", "proxy_grpc_stream"},
        words="known hazard: an empty gRPC service aborts Envoy; name a cluster",
    ),
    _Hazard(
        fits=lambda call: call.callback is None,
        words="known hazard: a hostcall from the module's start section crashes Envoy; make it from"
        " _initialize or later",
    ),
)


def known(entries: Sequence[Entry]) -> str | None:
    """Return the known hazard that the last hostcall was, in a sentence with its remedy."""
    call = _last_call(entries)
    if call is None:
        return None
    return next((hazard.words for hazard in _HAZARDS if hazard.fits(call)), None)


def of_module(module: Module) -> str | None:
    """Return the known hazard that a module is, before it is loaded."""
    names = [entry.name for entry in module.exports if entry.has_v128]
    if not names:
        return None
    return (
        f"known hazard: {names[0]} has a vector (v128) in its signature, and Envoy dies of such an"
        " export; vectors inside functions are no problem"
    )


def _last_call(entries: Sequence[Entry]) -> _Call | None:
    for place in range(len(entries) - 1, -1, -1):
        found = _HOSTCALL.search(entries[place].text)
        if found:
            return _Call(
                callback=trace.last_callback(entries[:place]),
                name=found[1],
                arguments=tuple(part.strip() for part in found[2].split(",")),
            )
    return None
