"""What one callback made of its message."""

from collections.abc import Iterator

from wasmctl.testing.callback_models import CallbackExpectation
from wasmctl.testing.callbacks import CallbackSeen
from wasmctl.testing.checks import messages
from wasmctl.testing.mismatch import Mismatch, compare, fields, texts


def callback(expectation: CallbackExpectation, seen: CallbackSeen) -> Iterator[Mismatch]:
    """Judge what is named of it."""
    yield from _action(expectation.action, seen)
    result = () if seen.result is None else (str(seen.result),)
    yield from compare("result", expectation.result, result, str)
    pairs = seen.pairs or ()
    yield from fields("headers", expectation.headers, pairs)
    if expectation.only_headers is not None:
        yield from messages.only("only_headers", expectation.only_headers, pairs)
    yield from messages.order("header_order", expectation.header_order, pairs)
    yield from compare("body", expectation.body, texts((seen.body,)))
    if expectation.end_stream is not None and expectation.end_stream is not bool(seen.ends):
        expected, found = str(expectation.end_stream).lower(), str(bool(seen.ends)).lower()
        yield Mismatch(path="end_stream", expected=expected, seen=found)


def _action(wanted: str | None, seen: CallbackSeen) -> Iterator[Mismatch]:
    found = "none" if seen.paused is None else "pause" if seen.paused else "continue"
    if wanted is not None and wanted != found:
        yield Mismatch(path="action", expected=wanted, seen=found)
