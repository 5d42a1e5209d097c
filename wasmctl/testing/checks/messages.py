"""What the peers on both sides of the plugin must have received."""

from collections.abc import Iterator, Mapping, Sequence

from wasmctl.messages import Message, Pair
from wasmctl.testing.expectation_models import (
    Expectation,
    ExpectedMessage,
    ExpectedResponse,
    Partial,
)
from wasmctl.testing.matchers import Matcher
from wasmctl.testing.mismatch import Mismatch, compare, fields, texts
from wasmctl.testing.noise import is_noise
from wasmctl.testing.observation import Observation, Seen
from wasmctl.testing.octets import as_text
from wasmctl.testing.quoting import quoted

_PSEUDO_FIELDS = ("method", "scheme", "authority", "path")
PLUGIN = "plugin"
# Envoy's own words for why it answered itself; any other word is a plugin's.
_OF_PROXIES = (
    *("wasm_fail_stream", "wasm_close_stream", "route_not_found", "direct_response"),
    *("filter_removed_required_", "upstream_", "downstream_", "cluster_not_found"),
    *("no_healthy_upstream", "request_payload_too_large", "response_payload_too_large"),
    *("request_headers_", "response_headers_", "http1.", "http2.", "codec_error"),
    *("missing_", "path_normalization_failed", "stream_idle_timeout", "request_overall_timeout"),
    *("internal_error", "low_version", "maintenance_mode", "overload", "max_duration_timeout"),
)


def upstream(expectation: Expectation, observation: Observation) -> Iterator[Mismatch]:
    """Judge the requests that reached the upstream."""
    wanted, seen = expectation.upstream, observation.upstream
    if isinstance(wanted, tuple):
        yield from _several("upstream", "request", wanted, seen)
    elif wanted is not None and len(seen) > 1:
        yield Mismatch(path="upstream", expected="one request", seen=f"{len(seen)} requests")
    else:
        yield from _received("upstream", wanted, seen[0] if seen else None)


def client(expectation: Expectation, observation: Observation) -> Iterator[Mismatch]:
    """Judge the responses that the client got."""
    wanted = expectation.client
    if isinstance(wanted, tuple):
        seen = observation.clients
        yield from _several("client", "response", wanted, seen, observation.plugins)
    else:
        yield from _received("client", wanted, observation.client, observation.plugins)


def answered(expectation: Expectation, observation: Observation) -> Iterator[Mismatch]:
    """Miss the answer that every client wants, where the scenario does not speak of it."""
    seen = observation.client
    is_spoken_of = expectation.client is not None or isinstance(
        expectation.local_response, ExpectedResponse
    )
    if is_spoken_of or observation.trap:
        return
    if seen is None or not seen.complete:
        yield Mismatch(path="client", expected="a whole message", seen=summary(seen))


def local_response(expectation: Expectation, observation: Observation) -> Iterator[Mismatch]:
    """Judge whether the plugin answered itself, and how."""
    wanted, seen = expectation.local_response, observation.client
    if wanted is None:
        return
    by = answered_by(seen) if seen else None
    is_local = by == PLUGIN
    if wanted == "none":
        if is_local:
            yield Mismatch(path="local_response", expected="none", seen=summary(seen))
    elif seen is None or not is_local:
        found = f"{summary(seen)} by the {by}" if seen else "none"
        yield Mismatch(path="local_response", expected="one by the plugin", seen=found)
    else:
        yield from _received("local_response", wanted, seen, observation.plugins)


def answered_by(seen: Seen) -> str | None:
    """Return who made a response: ``upstream``, ``plugin``, ``proxy``; None: nobody can tell."""
    if seen.details is None:
        return None
    if seen.details == "via_upstream":
        return "upstream"
    return "proxy" if seen.details.startswith(_OF_PROXIES) else PLUGIN


def _several(
    path: str,
    noun: str,
    wanted: Sequence[Partial | ExpectedMessage],
    seen: Sequence[Seen | None],
    plugins: Sequence[str] = (),
) -> Iterator[Mismatch]:
    if len(wanted) != len(seen):
        number = f"{len(wanted)} {noun}{'' if len(wanted) == 1 else 's'}"
        yield Mismatch(path=path, expected=number, seen=str(len(seen)))
        return
    for index, (expected, message) in enumerate(zip(wanted, seen, strict=True)):
        yield from _received(f"{path}[{index}]", expected, message, plugins)


def _received(
    path: str,
    expected: Partial | ExpectedMessage | None,
    seen: Seen | None,
    plugins: Sequence[str] = (),
) -> Iterator[Mismatch]:
    match expected:
        case None:
            return
        case "never" | "unfinished":
            # Whether the first part of a message comes through can hang on a connection's warmth.
            is_so = seen is None or (expected == "unfinished" and not seen.complete)
            if not is_so:
                yield Mismatch(path=path, expected=expected, seen=summary(seen))
        case ExpectedMessage():
            if seen is None or not seen.complete:
                yield Mismatch(path=path, expected="a whole message", seen=summary(seen))
            if seen is not None:
                yield from message(path, expected, seen.message)
                if isinstance(expected, ExpectedResponse):
                    yield from _origin(path, expected, seen, plugins)


def _origin(
    path: str, expected: ExpectedResponse, seen: Seen, plugins: Sequence[str]
) -> Iterator[Mismatch]:
    if seen.details is None:  # this target cannot tell
        return
    yield from compare(f"{path}.details", expected.details, (seen.details,))
    by = answered_by(seen) or "nothing"
    # Which one of several it was nobody can tell.
    names = {by, *plugins} if by == PLUGIN and len(plugins) == 1 else {by}
    if expected.by is not None and expected.by not in names:
        yield Mismatch(path=f"{path}.by", expected=expected.by, seen=by)


def summary(seen: Seen | None) -> str:
    """Say in a few words which message was seen."""
    if seen is None:
        return "none"
    named = (*seen.message.values(b":status"), *seen.message.values(b":method"))
    target = seen.message.values(b":path")
    words = " ".join(as_text(part) for part in (*named, *target))
    return words if seen.complete else f"{words}, whose end never came"


def message(path: str, expected: ExpectedMessage, seen: Message) -> Iterator[Mismatch]:
    """Compare all that is named of a message."""
    for name in _PSEUDO_FIELDS:
        values = texts(seen.values(b":" + name.encode()))
        yield from compare(f"{path}.{name}", getattr(expected, name), values)
    yield from compare(f"{path}.status", expected.status, texts(seen.values(b":status")), str)
    yield from fields(f"{path}.headers", expected.headers, seen.headers)
    if expected.only_headers is not None:
        yield from only(f"{path}.only_headers", expected.only_headers, seen.headers)
    yield from order(f"{path}.header_order", expected.header_order, seen.headers)
    yield from compare(f"{path}.body", expected.body, (as_text(seen.body),))
    yield from fields(f"{path}.trailers", expected.trailers, seen.trailers)


def only(path: str, expected: Mapping[str, Matcher], seen: tuple[Pair, ...]) -> Iterator[Mismatch]:
    """Compare fields, and find those that are not named; what proxies add may be there."""
    yield from fields(path, expected, seen)
    named = {name.encode() for name in expected}
    for name, value in seen:
        if name not in named and not name.startswith(b":") and not is_noise(name):
            where = f"{path}.{as_text(name)}"
            yield Mismatch(path=where, expected="nothing", seen=quoted(as_text(value)))


def order(path: str, names: Sequence[str], seen: tuple[Pair, ...]) -> Iterator[Mismatch]:
    """Compare the order in which fields come first."""
    wanted = [name.encode() for name in names]
    found = list(dict.fromkeys(name for name, _ in seen if name in wanted))
    if found != wanted:
        shown = ", ".join(map(as_text, found)) or "none of them"
        yield Mismatch(path=path, expected=", ".join(names), seen=shown)
