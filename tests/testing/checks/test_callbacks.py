from pathlib import Path

import pytest

from wasmctl.testing import source
from wasmctl.testing.callback_models import CallbackExpectation
from wasmctl.testing.callbacks import CallbackSeen
from wasmctl.testing.checks.callbacks import callback

SEEN = CallbackSeen(
    result=1,
    paused=True,
    pairs=((b":path", b"/"), (b"x-b", b"1"), (b"x-a", b"2")),
    body=b"held",
    ends=False,
)
NOTHING = CallbackSeen()


def judged(written: str, seen: CallbackSeen = SEEN) -> list[str]:
    document = source.read(written.encode(), Path("expect"))
    expectation = CallbackExpectation.model_validate(document.value)
    return [str(mismatch) for mismatch in callback(expectation, seen)]


@pytest.mark.parametrize(
    "written",
    [
        "{action: pause, result: 1, end_stream: false}",
        "{headers: {x-a: 2, x-no: ~, ':path': /}, only_headers: {x-a: 2, x-b: 1}}",
        "{header_order: [x-b, x-a], body: {starts_with: he}}",
    ],
)
def test_what_holds_has_no_mismatch(written: str) -> None:
    assert judged(written) == []


@pytest.mark.parametrize(
    ("written", "mismatch"),
    [
        ("action: continue", "action: expected continue, saw pause"),
        ("result: 0", "result: expected 0, saw 1"),
        ("end_stream: true", "end_stream: expected true, saw false"),
        ("headers: {x-a: 1}", 'headers.x-a: expected "1", saw "2"'),
        ("only_headers: {x-a: 2}", 'only_headers.x-b: expected nothing, saw "1"'),
        ("header_order: [x-a, x-b]", "header_order: expected x-a, x-b, saw x-b, x-a"),
        ("body: gone", 'body: expected "gone", saw "held"'),
    ],
)
def test_what_differs_is_told(written: str, mismatch: str) -> None:
    assert judged(written) == [mismatch]


def test_a_plugin_that_was_not_called_returned_nothing() -> None:
    assert judged("{action: continue, result: 0}", NOTHING) == [
        "action: expected continue, saw none",
        "result: expected 0, saw nothing",
    ]
