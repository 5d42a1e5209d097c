"""A case of the parity suite: plugins, what is sent through them, and which rules that shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from tests.conformance import plugins
from tests.conformance.plugins import Callbacks, Returns
from wasmctl import messages, outcomes
from wasmctl.abi.types import AbiVersion
from wasmctl.messages import Message
from wasmctl.outcomes import Outcome

GET = messages.request("/")
# The origin sends the date itself, so that Envoy need not.
DATE = (b"date", b"Thu, 01 Jan 2026 00:00:00 GMT")
OK = outcomes.reply(messages.response(200, headers=(DATE,)))


@dataclass(frozen=True, kw_only=True)
class Filter:
    """One plugin of the chain, with its settings.

    Attributes:
        code: the module.
        name: unique in a case; its place in the chain, where it is not given.
        vm_id: shared by the plugins of a case; the case's id stands before it.
        failure_policy: FAIL_CLOSED, FAIL_OPEN, FAIL_RELOAD.

    """

    code: bytes
    name: str = ""
    root_id: str = "root"
    vm_id: str = ""
    configuration: bytes = b""
    vm_configuration: bytes = b""
    environment: Mapping[str, str] = field(default_factory=dict)
    fail_open: bool = False
    failure_policy: str | None = None
    allow_on_headers_stop_iteration: bool = False
    capabilities: frozenset[str] | None = None


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """A request, fed frame by frame, and what the origin does with it.

    Attributes:
        callouts: what other upstreams do with what the plugin sends them, by cluster.
        gives_up: whether the client resets the stream after its headers.

    """

    request: Message = GET
    reply: Outcome = OK
    callouts: Mapping[str, Outcome] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Wait:
    """Time passes, in milliseconds: ticks and timeouts come."""

    milliseconds: int


Step = Exchange | Wait


@dataclass(frozen=True, kw_only=True)
class Case:
    """What is played on the embedded host and on a real Envoy.

    Attributes:
        id: its name, after its area: ``headers.add-joins``.
        rows: the ids of the rules that it shows.
        filters: the chain; ``()`` where the case shows what happens without a plugin.
        loads: whether Envoy takes the plugins at all.
        limit: the listener's buffer limit in bytes; None: Envoy's default.
        hazard: the hazard that the host has to report, where Envoy dies of it.

    """

    id: str
    rows: tuple[str, ...]
    filters: tuple[Filter, ...]
    steps: tuple[Step, ...] = (Exchange(),)
    limit: int | None = None

    @property
    def area(self) -> str:
        """What it is about."""
        return self.id.partition(".")[0]

    @cached_property
    def key(self) -> str:
        """Its name as a part of Envoy's names: letters, digits and dashes."""
        return self.id.replace(".", "-").replace("_", "-")


def case(
    id_: str,
    rows: str | Sequence[str],
    callbacks: Callbacks | None = None,
    *,
    returns: Returns | None = None,
    abi: AbiVersion = AbiVersion.V0_2_1,
    request: Message = GET,
    reply: Outcome | Message = OK,
    callouts: Mapping[str, Outcome] | None = None,
    steps: tuple[Step, ...] | None = None,
    limit: int | None = None,
    settings: Mapping[str, object] | None = None,
    **module: object,
) -> Case:
    """Return a case of one plugin, and one request if nothing else is said.

    Args:
        id_: its name.
        rows: the rules that it shows, in one text or several.
        callbacks: the plugin's, as `plugins.plugin` takes them.
        returns: what they return.
        abi: the version of the plugin.
        request: what the client sends.
        reply: what the origin does.
        callouts: what other upstreams do.
        steps: instead of the one request.
        limit: the listener's buffer limit.
        settings: more of the plugin's ``Filter``.
        **module: more for `plugins.plugin`.

    """
    code = plugins.plugin(callbacks, returns=returns, abi=abi, **module)  # type: ignore[arg-type]
    outcome = outcomes.reply(reply) if isinstance(reply, Message) else reply
    exchange = Exchange(request=request, reply=outcome, callouts=callouts or {})
    return Case(
        id=id_,
        rows=tuple(rows.split()) if isinstance(rows, str) else tuple(rows),
        filters=(Filter(code=code, **settings or {}),),  # type: ignore[arg-type]
        steps=steps if steps is not None else (exchange,),
        limit=limit,
    )


def answer(
    status: int = 200,
    *,
    headers: tuple[tuple[bytes, bytes], ...] = (),
    chunks: tuple[bytes, ...] = (),
    trailers: tuple[tuple[bytes, bytes], ...] = (),
) -> Message:
    """Return a response of the origin, with its date."""
    return messages.response(status, headers=(DATE, *headers), chunks=chunks, trailers=trailers)
