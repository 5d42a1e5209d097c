"""Whatever clients, upstreams and services send, and a gateway configures, no plugin traps."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.built import Built
from wasmctl import project, scaffold
from wasmctl.host import Host, LoadError
from wasmctl.messages import Message, Pair
from wasmctl.outcomes import Failure, Outcome
from wasmctl.plugin import Plugin, open_plugin

_TEMPLATES = scaffold.templates()

# Names that some plugin looks at, and one that none does.
_NAMES = (
    b"authorization",
    b"content-encoding",
    b"content-length",
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


# CONNECT has neither path nor scheme, and a path need not be text.
_PSEUDO_HEADERS = st.fixed_dictionaries(
    {},
    optional={
        b":method": st.sampled_from([b"GET", b"POST", b"CONNECT"]),
        b":scheme": st.just(b"http"),
        b":authority": st.just(b"shop.example"),
        b":path": st.one_of(st.just(b"/orders"), _VALUES),
    },
)
_REQUESTS = _PSEUDO_HEADERS.flatmap(lambda headers: _messages(tuple(headers.items())))
_REPLIES = st.integers(200, 599).flatmap(
    lambda status: _messages(((b":status", str(status).encode()),))
)
_ANSWERS = st.one_of(
    _REPLIES.map(lambda message: Outcome(message=message)),
    st.sampled_from(Failure).map(lambda failure: Outcome(failure=failure)),
)


_EACH = pytest.mark.parametrize(
    "template", _TEMPLATES, ids=lambda template: f"{template.language}-{template.name}"
)
_OFTEN = settings(
    max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None
)


@_EACH
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
    @_OFTEN
    def trapless(request: Message, reply: Message, answer: Outcome) -> None:
        answers.append(answer)

        exchange = host.http(request, reply)

        assert exchange.trap is None

    trapless()


@_EACH
def test_any_bytes_are_a_configuration_or_refused(
    template: scaffold.Template, built: Built
) -> None:
    folder = built(template)
    plugin = open_plugin(folder / "dist/demo.wasm")
    given_one = project.load(folder).configuration()

    @given(configuration=st.one_of(st.binary(max_size=40), _damaged(given_one)))
    @example(configuration=b"[" * 100_000)
    @example(configuration=b'{"a":' * 100_000)
    @_OFTEN
    def told(configuration: bytes) -> None:
        assert _verdict(plugin, configuration) in {"taken", "refused"}

    told()
    assert _verdict(plugin, given_one) == "taken"


# The configuration of the other one is no JSON.
@pytest.mark.parametrize("name", sorted({each.name for each in _TEMPLATES} - {"minimal"}))
def test_a_document_is_a_configuration_in_every_language_or_in_none(
    name: str, built: Built
) -> None:
    folders = [built(template) for template in _TEMPLATES if template.name == name]
    plugins = [open_plugin(folder / "dist/demo.wasm") for folder in folders]

    @given(document=_documents(folders[0]))
    @_OFTEN
    def agreed(document: object) -> None:
        verdicts = {_verdict(plugin, json.dumps(document).encode()) for plugin in plugins}

        assert verdicts in ({"taken"}, {"refused"})

    agreed()


def _verdict(plugin: Plugin, configuration: bytes) -> str:
    """Return what becomes of a configuration; one that is refused is told so in the log."""
    try:
        Host.start(plugin, root_id="demo", configuration=configuration).close()
    except LoadError as error:
        is_told = any("configuration refused" in log.text for log in error.logs)
        return "trapped" if error.trap else "refused" if is_told else "not told"
    return "taken"


def _damaged(whole: bytes) -> st.SearchStrategy[bytes]:
    """What a configuration may become: some of its bytes are others, or more."""
    places = st.integers(0, len(whole))
    return st.tuples(places, places, st.binary(max_size=3)).map(
        lambda cut: whole[: min(cut[:2])] + cut[2] + whole[max(cut[:2]) :]
    )


def _documents(folder: Path) -> st.SearchStrategy[object]:
    """Documents with the names that a schema knows, and values of all kinds."""
    schema = json.loads((folder / "config/schema.json").read_text())
    default = json.loads((folder / "config/default.json").read_text())
    names = st.sampled_from(sorted(set(_names(schema)) | {"x-a", "other"}))
    leaves = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-2, 70_000),
        st.sampled_from([0.5, 1.0, 2.5e2, 1e30, -0.0]),
        st.sampled_from(
            ["", "deny", "allow", "/check", "x-a", "a b", "a\r\nb", "0123456789abcdef"]
        ),
        st.text(max_size=3),
    )
    values = st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=2),
        max_leaves=5,
    )
    # Most of what is right already, with a few members of our own.
    changes = st.dictionaries(names, values, max_size=2)
    return st.one_of(values, changes.map(lambda changed: {**default, **changed}))


def _names(schema: object) -> list[str]:
    if isinstance(schema, list):
        return [name for each in schema for name in _names(each)]
    if not isinstance(schema, dict):
        return []
    inner = [name for each in schema.values() for name in _names(each)]
    return [*schema.get("properties", {}), *inner]
