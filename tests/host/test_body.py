"""Reading and changing bodies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wasmctl.host.body import Body, SpliceError


@pytest.mark.parametrize(
    ("start", "size", "expected"),
    [(0, 2, b"ab"), (1, 9, b"bcd"), (4, 1, b""), (9, 9, b""), (0, 0, b"")],
)
def test_reading_stops_at_the_end(start: int, size: int, expected: bytes) -> None:
    assert Body(b"abcd").read(start, size) == expected


@pytest.mark.parametrize(
    ("start", "size", "expected"),
    [
        (0, 0, b"XYabcd"),
        (0, 2, b"XYcd"),
        (0, 4, b"XY"),
        (0, 99, b"XY"),
        (4, 0, b"abcdXY"),
        (99, 3, b"abcdXY"),
    ],
)
def test_a_change_is_made_at_the_start_or_at_the_end(
    start: int, size: int, expected: bytes
) -> None:
    body = Body(b"abcd")

    body.splice(start, size, b"XY")

    assert body.content == expected


@given(content=st.binary(min_size=2), size=st.integers(min_value=0), new=st.binary())
def test_a_change_in_the_middle_is_refused(content: bytes, size: int, new: bytes) -> None:
    body = Body(content)

    with pytest.raises(SpliceError):
        body.splice(1, size, new)

    assert body.content == content
