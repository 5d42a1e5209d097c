"""Runs made of numbers: each seed is a case, and always the same one.

Most are scripts for the driver, which reach every hostcall with arguments from the usual to the
absurd. The others are modules that nobody wrote: the bytes of good ones changed, texts put together
at random, and bombs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

from tests.fuzz import modules, scripts
from wasmctl import messages
from wasmctl.host import FailurePolicy, PluginSettings
from wasmctl.messages import Message, Pair
from wasmctl.plugin import Plugin, parse

_KINDS = {"script": 790, "plugin": 65, "mutation": 70, "text": 70, "bomb": 5}
_ROUNDS = {"script": 8, "plugin": 6, "mutation": 2, "text": 2, "bomb": 1}
_FUEL = {"plugin": 200_000_000, "text": 50_000, "bomb": 10_000_000}
_POLICIES = (*(FailurePolicy.FAIL_CLOSED,) * 4, *FailurePolicy)
_SOME_CAPABILITIES = frozenset({"proxy_log", "fd_write", "proxy_on_request_headers"})

Module = Plugin | bytes | tuple[Plugin, bytes]


@dataclass(frozen=True, kw_only=True)
class Round:
    """A request, what the upstream answers, and a script that the stream begins with."""

    request: Message
    answer: Message
    script: bytes = b""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A chain of plugins, and what becomes of it.

    Attributes:
        plugins: the chain; the first is named ``first``.
        rounds: what is done with it, one after the other.
        fuel: what the plugins may use.

    """

    kind: str
    plugins: tuple[PluginSettings, ...]
    rounds: Sequence[Round]
    fuel: int = 3_000_000


def case(seed: int, plugins: Sequence[Path] = ()) -> Case:
    """Return the case of a seed; ``plugins`` are modules that were built for real."""
    random = Random(seed)  # noqa: S311 - to be repeated
    (kind,) = random.choices([*_KINDS], weights=[*_KINDS.values()])
    if kind == "plugin" and not plugins:
        kind = "script"
    makers: dict[str, Callable[[Random], Module]] = {
        "script": scripts.plugin,
        "plugin": lambda random: _read(random.choice(plugins)),
        "mutation": modules.mutation,
        "text": modules.text,
        "bomb": lambda random: random.choice(modules.bombs()),
    }
    count = 1 if random.random() < 0.8 else 2
    chain = tuple(_settings(random, makers[kind], index) for index in range(count))
    fuel = _FUEL.get(kind, 3_000_000)
    rounds = [_round(random, scripted=kind == "script") for _ in range(_ROUNDS[kind])]
    return Case(kind=kind, plugins=chain, rounds=rounds, fuel=fuel)


def _settings(random: Random, make: Callable[[Random], Module], index: int) -> PluginSettings:
    made = make(random)
    module, script = made if isinstance(made, tuple) else (made, b"")
    return PluginSettings(
        plugin=module,
        name=("first", "second")[index],
        configuration=random.choice((b"", b"{}", b'{"greeting": "hi"}', random.randbytes(40))),
        vm_id=random.choice(("", "", "one")),
        vm_configuration=script,
        environment=random.choice(({}, {}, {"NAME": "value", "EMPTY": ""})),
        fail_open=(opens := random.random() < 0.05),
        failure_policy=FailurePolicy.FAIL_CLOSED if opens else random.choice(_POLICIES),
        reload_backoff=random.choice((0, 1_000_000)),
        allow_on_headers_stop_iteration=random.random() < 0.2,
        capabilities=random.choice((*(None,) * 19, _SOME_CAPABILITIES)),
    )


def _round(random: Random, *, scripted: bool) -> Round:
    request = messages.request(
        random.choice(("/", "/a?b=c", "", "*", "/é")),
        method=random.choice(("GET", "POST", "HEAD", "CONNECT", "")),
        headers=_fields(random),
        chunks=_chunks(random),
        trailers=_fields(random) if random.random() < 0.2 else (),
    )
    answer = messages.response(
        random.choice((200, 200, 204, 404, 503)),
        headers=_fields(random),
        chunks=_chunks(random),
        trailers=_fields(random) if random.random() < 0.2 else (),
    )
    script = scripts.stream(random) if scripted else b""
    return Round(request=request, answer=answer, script=script)


def _fields(random: Random) -> tuple[Pair, ...]:
    names = (b"x-a", b"x-b", b"cookie", b"set-cookie", b"accept", b"content-type", b"te")
    values = (b"", b"1", b"trailers", b"application/grpc", b"v" * 200, b"\xff")
    count = random.choice((0, 0, 1, 3, 30))
    return tuple((random.choice(names), random.choice(values)) for _ in range(count))


def _chunks(random: Random) -> tuple[bytes, ...]:
    sizes = random.choice(((), (5,), (3, 4), (0, 1), (16384, 1), (1,) * 9, (100_000,)))
    return tuple(random.randbytes(min(size, 64)).ljust(size, b"x") for size in sizes)


@cache
def _read(path: Path) -> Plugin:
    return parse(path.read_bytes())
