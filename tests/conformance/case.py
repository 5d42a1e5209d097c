"""A case of the parity suite: plugins, what is sent through them, and which rules that shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypedDict, Unpack

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


class Settings(TypedDict, total=False):
    """What a ``Filter`` has besides its code."""

    name: str
    root_id: str
    vm_id: str
    configuration: bytes
    vm_configuration: bytes
    environment: Mapping[str, str]
    fail_open: bool
    failure_policy: str
    allow_on_headers_stop_iteration: bool
    capabilities: frozenset[str]


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

    """

    request: Message = GET
    reply: Outcome = OK
    callouts: Mapping[str, Outcome] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Wait:
    """Time passes, in milliseconds: ticks and timeouts come.

    Attributes:
        callouts: as in `Exchange`; those of the first step hold while the plugins start.

    """

    milliseconds: int
    callouts: Mapping[str, Outcome] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Reconfigure:
    """The first plugin gets another configuration while Envoy runs; it may refuse it."""

    configuration: bytes
    callouts: Mapping[str, Outcome] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Together:
    """Requests on connections of their own, each begun 100 ms after the one before.

    Their paths differ, and where both reach the origin at once, their answers' delays.
    """

    exchanges: tuple[Exchange, ...]
    callouts: Mapping[str, Outcome] = field(default_factory=dict)


Step = Exchange | Wait | Reconfigure | Together


@dataclass(frozen=True, kw_only=True)
class Case:
    """What is played on the embedded host and on a real Envoy.

    Attributes:
        id: its name, after its area: ``headers.add-joins``.
        rows: the ids of the rules that it shows.
        filters: the chain; ``()`` where the case shows what happens without a plugin.
        limit: how many bytes of a body are buffered, at least 65,535; None: Envoy's default.
        unseen: what is not compared, because the test's own peers would not take it.

    """

    id: str
    rows: tuple[str, ...]
    filters: tuple[Filter, ...]
    steps: tuple[Step, ...] = (Exchange(),)
    limit: int | None = None
    unseen: tuple[str, ...] = ()

    @property
    def first_callouts(self) -> Mapping[str, Outcome]:
        """What other upstreams do while the plugins start."""
        return self.steps[0].callouts if self.steps else {}

    @property
    def area(self) -> str:
        """What it is about."""
        return self.id.partition(".")[0]

    @cached_property
    def key(self) -> str:
        """Its name as a part of Envoy's names: letters, digits and dashes."""
        return self.id.replace(".", "-").replace("_", "-")

    def vm_id(self, plugin: Filter) -> str:
        """Return the vm id of a plugin, which no other case has."""
        return f"{self.key}-{plugin.vm_id}" if plugin.vm_id else self.key


class Module(TypedDict, total=False):
    """What `plugins.plugin` takes besides callbacks."""

    returns: Returns
    abi: AbiVersion
    imports: str
    extra: str
    allocator: str
    memory: str
    without: Sequence[str]
    marker: str


class Options(Module, total=False):
    """What `case` takes besides.

    ``request`` and ``reply`` are of the one exchange, in whose place ``steps`` can stand;
    ``settings`` are more of the plugin's ``Filter``.
    """

    request: Message
    reply: Outcome | Message
    callouts: Mapping[str, Outcome]
    steps: tuple[Step, ...]
    limit: int
    unseen: tuple[str, ...]
    settings: Settings


def case(
    id_: str, rows: str, callbacks: Callbacks | None = None, **options: Unpack[Options]
) -> Case:
    """Return a case of one plugin, and one exchange if nothing else is said.

    ``rows`` are the ids of its rules, with spaces between them.
    """
    module = Module(**{name: options[name] for name in Module.__annotations__ if name in options})  # type: ignore[literal-required, typeddict-item]
    code = plugins.plugin(callbacks, **module)
    return Case(
        id=id_,
        rows=tuple(rows.split()),
        filters=(Filter(code=code, **options.get("settings", {})),),
        steps=options.get("steps", (_exchange(options),)),
        limit=options.get("limit"),
        unseen=options.get("unseen", ()),
    )


def _exchange(options: Options) -> Exchange:
    reply = options.get("reply", OK)
    return Exchange(
        request=options.get("request", GET),
        reply=outcomes.reply(reply) if isinstance(reply, Message) else reply,
        callouts=options.get("callouts", {}),
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
