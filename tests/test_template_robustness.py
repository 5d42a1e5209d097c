"""Whatever clients, upstreams and services send, no plugin of a template traps."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.built import Built
from wasmctl import project, scaffold
from wasmctl.host import Host
from wasmctl.messages import Message, Pair
from wasmctl.outcomes import Failure, Outcome

_TEMPLATES = scaffold.templates()

# Names that some plugin looks at, and one that none does.
_NAMES = (
    b"authorization",
    b"content-encoding",
    b"www-authenticate",
    b"x-api-client",
    b"x-api-key",
    b"x-auth-user",
    b"x-debug",
    b"x-other",
)
_VALUES = st.binary(max_size=40).filter(lambda value: not set(value) & set(b"\0\r\n"))
_FIELDS = st.lists(st.tuples(st.sampled_from(_NAMES), _VALUES), max_size=6).map(tuple)
_WORDS = st.sampled_from([b"colour", b"col", b"our", b"secret", b"internal.example", b"\xff", b""])
_BODIES = st.lists(st.one_of(_WORDS, st.binary(max_size=20)), max_size=5).map(tuple)


@st.composite
def _messages(draw: st.DrawFn, first: tuple[Pair, ...]) -> Message:
    trailers = draw(_FIELDS) if draw(st.booleans()) else ()
    return Message(headers=(*first, *draw(_FIELDS)), chunks=draw(_BODIES), trailers=trailers)


_REQUESTS = _messages(
    (
        (b":method", b"POST"),
        (b":scheme", b"http"),
        (b":authority", b"shop.example"),
        (b":path", b"/orders"),
    )
)
_REPLIES = st.integers(200, 599).flatmap(
    lambda status: _messages(((b":status", str(status).encode()),))
)
_ANSWERS = st.one_of(
    _REPLIES.map(lambda message: Outcome(message=message)),
    st.sampled_from(Failure).map(lambda failure: Outcome(failure=failure)),
)


@pytest.mark.parametrize(
    "template", _TEMPLATES, ids=lambda template: f"{template.language}-{template.name}"
)
def test_no_plugin_traps(template: scaffold.Template, built: Built) -> None:
    made = project.load(built(template))
    answers: list[Outcome] = []
    host = Host.start(
        made.output.read_bytes(),
        root_id="demo",
        configuration=made.configuration(),
        clusters={"auth": lambda _callout: answers[-1]},
    )

    @given(request=_REQUESTS, reply=_REPLIES, answer=_ANSWERS)
    @settings(
        max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    def trapless(request: Message, reply: Message, answer: Outcome) -> None:
        answers.append(answer)

        exchange = host.http(request, reply)

        assert exchange.trap is None

    trapless()
