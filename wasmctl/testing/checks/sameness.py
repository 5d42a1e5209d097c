"""Whether a message went through as it was sent."""

from collections.abc import Iterator, Sequence

from wasmctl.messages import Message, Pair
from wasmctl.testing.expectation_models import Expectation, ExpectedMessage
from wasmctl.testing.matchers import equals
from wasmctl.testing.mismatch import Mismatch, compare, texts
from wasmctl.testing.noise import is_noise
from wasmctl.testing.observation import Observation, Seen
from wasmctl.testing.octets import as_text
from wasmctl.testing.quoting import quoted

# Envoy tells it to the peers, whoever has sent the body.
_FRAMING = (b"content-length", b"transfer-encoding")
_Originals = dict[str, Message | None]


def upstream(expectation: Expectation, observation: Observation) -> Iterator[Mismatch]:
    """Judge what reached the upstream."""
    return _side("upstream", expectation.upstream, observation.upstream, observation)


def client(expectation: Expectation, observation: Observation) -> Iterator[Mismatch]:
    """Judge what reached the client."""
    seen = observation.clients if isinstance(expectation.client, tuple) else (observation.client,)
    return _side("client", expectation.client, seen, observation)


def _side(
    path: str, wanted: object, seen: Sequence[Seen | None], observation: Observation
) -> Iterator[Mismatch]:
    if isinstance(wanted, ExpectedMessage) and wanted.same_as and seen and seen[-1]:
        originals = _originals(observation, len(observation.sent) - 1)
        yield from _same(path, wanted.same_as, originals[wanted.same_as], seen[-1])
    elif isinstance(wanted, tuple):
        for index, (each, message) in enumerate(zip(wanted, seen, strict=False)):
            if isinstance(each, ExpectedMessage) and each.same_as and message:
                original = _originals(observation, index)[each.same_as]
                yield from _same(f"{path}[{index}]", each.same_as, original, message)


def _originals(observation: Observation, index: int) -> _Originals:
    known = 0 <= index < len(observation.sent)
    request, reply = observation.sent[index] if known else (None, None)
    return {"request": request, "reply": reply}


def _same(path: str, word: str, original: Message | None, seen: Seen) -> Iterator[Mismatch]:
    if original is None:
        yield Mismatch(path=f"{path}.same_as", expected=f"a {word} that was written", seen="none")
        return
    yield from _fields(f"{path}.headers", original.headers, seen.message.headers)
    body = equals(as_text(original.body))
    yield from compare(f"{path}.body", body, (as_text(seen.message.body),))
    yield from _fields(f"{path}.trailers", original.trailers, seen.message.trailers)


def _fields(path: str, sent: tuple[Pair, ...], seen: tuple[Pair, ...]) -> Iterator[Mismatch]:
    for name in dict.fromkeys(name for name, _ in (*sent, *seen)):
        if is_noise(name) or name in _FRAMING:
            continue
        wanted, found = (
            texts(tuple(value for key, value in fields if key == name)) for fields in (sent, seen)
        )
        if wanted != found:
            where = f"{path}.{as_text(name)}"
            yield Mismatch(path=where, expected=_shown(wanted), seen=_shown(found))


def _shown(values: tuple[str, ...]) -> str:
    return ", ".join(map(quoted, values)) or "nothing"
