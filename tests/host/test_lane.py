"""A lane with one gate: what passes, what is kept, what the plugin sees."""

from dataclasses import dataclass, field

import pytest

from wasmctl.host.gate import REQUEST, Direction, Gate
from wasmctl.host.hazards import HazardKind
from wasmctl.host.header_map import HeaderMap, MapKind
from wasmctl.host.lane import Lane

HEADERS = HeaderMap(MapKind.REQUEST_HEADERS, ((b":path", b"/"),))
TRAILERS = HeaderMap(MapKind.REQUEST_TRAILERS, ((b"t", b"1"),))


@dataclass
class Received:
    """A receiver that writes down what arrives."""

    frames: list[tuple[str, bytes, bool]] = field(default_factory=list)

    def receive_headers(self, headers: HeaderMap, *, ends: bool) -> None:
        self.frames.append(("headers", headers.get(b":path") or b"", ends))

    def receive_body(self, content: bytes, *, ends: bool) -> None:
        self.frames.append(("body", content, ends))

    def receive_trailers(self, trailers: HeaderMap) -> None:
        self.frames.append(("trailers", trailers.get(b"t") or b"", True))


@dataclass
class Scripted:
    """A plugin that returns what it was told to, and writes down how it was called."""

    returns: list[int]
    calls: list[tuple[int, ...]] = field(default_factory=list)

    def call(self, *arguments: int) -> int:
        self.calls.append(arguments)
        return self.returns.pop(0)

    def create(self) -> None:
        """There is nothing to make."""

    def on_headers(self, _direction: Direction, count: int, *, ends: bool) -> int:
        return self.call(count, int(ends))

    def on_body(self, _direction: Direction, size: int, *, ends: bool) -> int:
        return self.call(size, int(ends))

    def on_trailers(self, _direction: Direction, count: int) -> int:
        return self.call(count)


@dataclass
class Stream:
    """A stream that writes down what its lane tells it."""

    told: list[str] = field(default_factory=list)

    def overflow(self, direction: Direction) -> None:
        self.told.append(f"{direction.body} holds too much")

    def report(self, kind: HazardKind, callback: str) -> None:
        self.told.append(f"{kind.name} {callback}")

    def drained(self, direction: Direction) -> None:
        self.told.append(f"{direction.body} has room")

    def interrupted(self) -> None:
        self.told.append("cut")


def lane(plugin: Scripted, onward: Received, stream: Stream | None = None) -> Lane:
    made = Lane(REQUEST, onward, stream or Stream(), limit=4)
    made.gates = (Gate(REQUEST, plugin, made),)
    return made


def gate(*returns: int) -> tuple[Lane, Scripted, Received]:
    plugin, onward = Scripted(list(returns)), Received()
    return lane(plugin, onward), plugin, onward


def test_headers_pass_with_their_end() -> None:
    made, plugin, onward = gate(0)

    made.receive_headers(HEADERS, ends=True)

    assert plugin.calls == [(1, 1)]
    assert onward.frames == [("headers", b"/", True)]
    assert made.gates[0].headers is None


@pytest.mark.parametrize("status", [3, 4])
def test_held_headers_hold_all_that_follows(status: int) -> None:
    made, plugin, onward = gate(status)

    made.receive_headers(HEADERS, ends=False)
    made.receive_body(b"a", ends=False)
    made.receive_trailers(TRAILERS)

    assert len(plugin.calls) == 1
    assert onward.frames == []
    assert made.paused_at == "proxy_on_request_headers"
    assert made.gates[0].headers is HEADERS


def test_body_frames_pass_one_by_one() -> None:
    made, plugin, onward = gate(0, 0)

    made.receive_body(b"a", ends=False)
    made.receive_body(b"bc", ends=True)

    assert plugin.calls == [(1, 0), (2, 1)]
    assert onward.frames == [("body", b"a", False), ("body", b"bc", True)]


def test_a_buffered_body_is_seen_as_a_whole_and_passes_as_one() -> None:
    made, plugin, onward = gate(1, 1, 0)

    made.receive_body(b"a", ends=False)
    made.receive_body(b"b", ends=False)
    made.receive_body(b"c", ends=True)

    assert plugin.calls == [(1, 0), (2, 0), (3, 1)]
    assert onward.frames == [("body", b"abc", True)]
    assert made.paused_at is None


def test_a_watermarked_body_is_seen_frame_by_frame_and_passes_as_one() -> None:
    made, plugin, onward = gate(2, 2, 0)

    made.receive_body(b"a", ends=False)
    made.receive_body(b"b", ends=False)
    made.receive_body(b"c", ends=True)

    assert plugin.calls == [(1, 0), (1, 0), (1, 1)]
    assert onward.frames == [("body", b"abc", True)]


@pytest.mark.parametrize("status", [3])
def test_any_other_status_drops_the_frame(status: int) -> None:
    made, _, onward = gate(status, 0)

    made.receive_body(b"a", ends=False)
    made.receive_body(b"b", ends=True)

    assert onward.frames == [("body", b"b", True)]


def test_a_body_held_at_its_end_stays() -> None:
    made, _, onward = gate(1)

    made.receive_body(b"a", ends=True)

    assert onward.frames == []
    assert made.paused_at == "proxy_on_request_body"


def test_a_changed_body_passes_changed() -> None:
    class Upper(Scripted):
        def call(self, *arguments: int) -> int:
            body = made.gates[0].body
            assert body
            body.content = body.content.upper()
            return super().call(*arguments)

    onward = Received()
    made = lane(Upper([1, 0]), onward)

    made.receive_body(b"a", ends=False)
    made.receive_body(b"b", ends=True)

    assert onward.frames == [("body", b"AB", True)]


def test_trailers_release_a_buffered_body() -> None:
    made, plugin, onward = gate(1, 0)

    made.receive_body(b"a", ends=False)
    made.receive_trailers(TRAILERS)

    assert plugin.calls == [(1, 0), (1,)]
    assert onward.frames == [("body", b"a", False), ("trailers", b"1", True)]


def test_held_trailers_hold_the_body_too() -> None:
    made, _, onward = gate(2, 1)

    made.receive_body(b"a", ends=False)
    made.receive_trailers(TRAILERS)

    assert onward.frames == []
    assert made.paused_at == "proxy_on_request_trailers"


def test_the_last_body_callback_may_begin_trailers() -> None:
    class Adds(Scripted):
        def call(self, *arguments: int) -> int:
            trailers = made.gates[0].added_trailers()
            if trailers is not None:
                trailers.add(b"t", b"new")
            return super().call(*arguments)

    onward = Received()
    made = lane(Adds([0, 0]), onward)

    made.receive_body(b"a", ends=False)
    made.receive_body(b"b", ends=True)

    assert onward.frames == [
        ("body", b"a", False),
        ("body", b"b", False),
        ("trailers", b"new", True),
    ]


def test_outside_the_last_body_callback_no_trailers_begin() -> None:
    made, _, _ = gate()

    assert made.gates[0].added_trailers() is None


def test_what_was_held_comes_in_one_callback_with_its_end() -> None:
    made, plugin, onward = gate(4, 0, 0)

    made.receive_headers(HEADERS, ends=False)
    made.receive_body(b"a", ends=False)
    made.receive_body(b"b", ends=True)
    made.resume(made.gates[0])

    assert plugin.calls == [(1, 0), (2, 1)]
    assert onward.frames == [("headers", b"/", False), ("body", b"ab", True)]
    assert made.paused_at is None


def test_held_trailers_come_behind_the_held_body() -> None:
    made, plugin, onward = gate(4, 0, 0)

    made.receive_headers(HEADERS, ends=False)
    made.receive_body(b"a", ends=False)
    made.receive_trailers(TRAILERS)
    made.resume(made.gates[0])

    assert plugin.calls == [(1, 0), (1, 0), (1,)]
    assert onward.frames[1:] == [("body", b"a", False), ("trailers", b"1", True)]


def test_headers_that_stop_alone_go_with_the_body() -> None:
    made, plugin, onward = gate(1, 1, 0)

    made.receive_headers(HEADERS, ends=False)
    made.receive_body(b"a", ends=False)
    made.receive_body(b"b", ends=True)

    assert plugin.calls == [(1, 0), (1, 0), (2, 1)]
    assert onward.frames == [("headers", b"/", False), ("body", b"ab", True)]


def test_trailers_that_a_body_begins_go_on_although_the_body_is_held() -> None:
    class Adds(Scripted):
        def call(self, *arguments: int) -> int:
            trailers = made.gates[0].added_trailers()
            if trailers is not None:
                trailers.add(b"t", b"new")
            return super().call(*arguments)

    onward = Received()
    made = lane(Adds([1]), onward)

    made.receive_body(b"a", ends=True)

    assert onward.frames == [("trailers", b"new", True)]


def test_what_is_continued_within_a_continuation_begins_with_the_same_plugin() -> None:
    made, plugin, onward = gate(4, 1, 0, 0)

    made.receive_headers(HEADERS, ends=False)
    made.receive_body(b"a", ends=False)
    made.receive_trailers(TRAILERS)
    made.resume(made.gates[0])

    assert plugin.calls == [(1, 0), (1, 0), (1,), (1,)]
    assert [name for name, _, _ in onward.frames] == ["headers", "trailers"]


def test_too_much_of_what_is_held_is_told_once() -> None:
    told = Stream()
    made = lane(Scripted([1, 1, 1]), Received(), told)

    for _ in range(3):
        made.receive_body(b"abc", ends=False)

    assert told.told == ["proxy_on_request_body holds too much"]
