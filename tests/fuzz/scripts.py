"""Scripts for the driver: steps at random, with arguments from the usual to the absurd."""

from collections.abc import Sequence
from random import Random

from tests.fuzz import driver
from tests.fuzz.driver import ALLOCATORS, IN_ALLOCATOR, Driver
from wasmctl.abi.types import AbiVersion
from wasmctl.abi.wire import encode_pairs
from wasmctl.host.hostcall import Hostcall, Number, Octets, return_pointers
from wasmctl.host.hostcalls import HOSTCALLS as DECLARED
from wasmctl.plugin import Plugin

_U32 = 1 << 32
_WORDS = (
    *(b"", b":path", b":status", b":method", b":authority", b"host", b"x-a", b"cookie"),
    *(b"content-length", b"te", b"upstream", b"callout", b"nowhere", b"queue", b"key"),
    *(b"request\0path", b"request\0headers\0x-a", b"plugin_name", b"response\0code", b"xds\0node"),
    *(b"compress", b"uncompress", b"clear_route_cache", b"expr_create", b"expr_evaluate", b"sign"),
    *(b"request.path == '/'", b"filter_state\0wasm.key", b"\xff\xfe", b"\r\n: ", b"a" * 300),
)
_PAIRS = (
    (),
    ((b":method", b"GET"), (b":path", b"/"), (b":authority", b"callout")),
    ((b":method", b"POST"), (b":path", b"/x"), (b":authority", b"upstream"), (b"x-a", b"1")),
    ((b":status", b"204"), (b"x-b", b"2")),
    ((b"", b""), (b"x y", b"\r\n")),
    ((b"grpc-status", b"0"), (b"content-length", b"9")),
)
# What a parameter is most likely to mean, by its name.
_LIKELY = {
    "upstream": (b"callout", b"callout", b"upstream", b"nowhere"),
    "service": (b"callout", b"upstream", b"\x0a\x09\x0a\x07callout", b"nowhere"),
    "path": (b"request\0path", b"request\0headers\0x-a", b"plugin_name", b"wasm", b"key"),
    "headers": tuple(
        encode_pairs(((b":method", b"GET"), (b":path", b"/"), (b":authority", each)))
        for each in (b"callout", b"upstream")
    ),
    "name": (b"queue", b"queue", b"compress", b"uncompress", b"expr_create", b"clear_route_cache"),
    "vm_id": (b"", b"", b"one"),
    "version": (0, 0, 1),
    "token": (1, 2, 4, 5, 6, 8),
    "metric": (4, 5, 6, 8, 9),
    "offset": (1, -1, 5),
    "start": (0, 0, 3, 100),
    "context_id": (0, 1, 2, 3, 4),
    "timeout_milliseconds": (0, 1, 5),
    "period": (0, 1, 2, 10),
    "status_code": (200, 403, 0, 99),
    "grpc_status": (-1, -1, 0, 13),
}
# Which map and which buffer is there in a callback.
_HERE = {
    "proxy_on_request_headers": 0,
    "proxy_on_request_body": 0,
    "proxy_on_request_trailers": 1,
    "proxy_on_response_headers": 2,
    "proxy_on_response_body": 1,
    "proxy_on_response_trailers": 3,
    "proxy_on_http_call_response": 6,
    "proxy_on_configure": 7,
    "proxy_on_vm_start": 6,
}
_STARTS = ("proxy_on_vm_start", "proxy_on_configure")  # nothing comes after a refusal
_OF_STREAMS = (
    *("proxy_on_request_headers", "proxy_on_request_body", "proxy_on_request_trailers"),
    *("proxy_on_response_headers", "proxy_on_response_body", "proxy_on_response_trailers"),
)
_LATER = (
    *("proxy_on_context_create", "proxy_on_log", "proxy_on_done", "proxy_on_delete"),
    *("proxy_on_tick", "proxy_on_queue_ready", "proxy_on_http_call_response"),
    *("proxy_on_grpc_receive_initial_metadata", "proxy_on_grpc_receive", "proxy_on_grpc_close"),
)
_EDGES = (0, 1, 2, 3, 4, 5, 7, 8, 9, 100, 255, 65535, 65536, 1 << 31, _U32 - 1, _U32 - 4, _U32 - 8)


def plugin(random: Random) -> tuple[Plugin, bytes]:
    """Return a driver, and the script with which it begins."""
    version = random.choice((*AbiVersion, AbiVersion.V0_2_1, AbiVersion.V0_2_1))
    return driver.driver(version).module, script(random, (*_STARTS, *_LATER), version)


def stream(random: Random) -> bytes:
    """Return a script with which a stream begins."""
    return script(random, (*_OF_STREAMS, *random.sample(_LATER, 2)))


def script(
    random: Random, callbacks: Sequence[str], version: AbiVersion = AbiVersion.V0_2_0
) -> bytes:
    """Return a script with steps for some of these callbacks.

    One of ABI 0.2.0 is understood by any driver, if not as it was meant.
    """
    found = driver.driver(version)
    names = {found.callbacks[name]: name for name in callbacks if random.random() < 0.6}
    names |= {IN_ALLOCATOR: ""} if random.random() < 0.3 else {}
    counts = {place: random.randint(1, 7) for place in names}
    data = _Data(driver.data_start(counts))
    writer = _Writer(random, found, data)
    parts = {
        place: ([writer.step(name) for _ in range(counts[place])], _returned(random, name))
        for place, name in names.items()
    }
    return driver.script(parts, data.content)


def _returned(random: Random, callback: str) -> int:
    if callback in _STARTS and random.random() < 0.9:
        return 1
    return random.choice((0, 0, 0, 1, 1, 2, 3, 4, 5, _U32 - 1))


class _Data:
    """Bytes behind a script, each text once."""

    def __init__(self, start: int) -> None:
        self._start = start
        self.content = b""
        self._placed: dict[bytes, int] = {}

    def place(self, content: bytes) -> int:
        if content not in self._placed:
            self._placed[content] = self._start + len(self.content)
            self.content += content
        return self._placed[content]


class _Writer:
    """Steps at random: each hostcall as often as the next."""

    def __init__(self, random: Random, found: Driver, data: _Data) -> None:
        self._random = random
        self._steps = found.steps
        self._hostcalls = [name for name, (_, kind) in found.steps.items() if kind]
        self._actions = [name for name, (_, kind) in found.steps.items() if not kind]
        self._proxy = [name for name in self._hostcalls if name.startswith("proxy_")]
        self._data = data

    def step(self, callback: str) -> tuple[int, list[int]]:
        """Return a step of a callback's script."""
        random = self._random
        chance = random.random()
        if chance < (0.005 if callback in _STARTS else 0.03):
            name = random.choice(self._actions)
            return self._steps[name][0], self._action(name)
        name = random.choice(self._proxy if chance < 0.85 else self._hostcalls)
        return self._steps[name][0], self._arguments(DECLARED[name], _HERE.get(callback, 0))

    def _action(self, name: str) -> list[int]:
        random = self._random
        if name == "allocator":
            return [random.randrange(ALLOCATORS)]
        if name == "run":
            return [random.randrange(40)]
        return [self._pointer(), random.choice((self._pointer(), random.choice(_EDGES)))]

    def _arguments(self, declared: Hostcall, here: int) -> list[int]:
        found: list[int] = []
        for name, kind in declared.parameters:
            likely = _LIKELY.get(name.strip("_"))
            if likely and self._random.random() < 0.6:
                found += self._placed(self._random.choice(likely))
            elif isinstance(kind, Octets):
                found += self._octets(kind)
            elif isinstance(kind, Number):
                found.append(self._number(kind))
            else:
                every = (*(here,) * 9, *range(len(kind) + 1), _U32 - 1)
                found.append(self._random.choice(every))
        pointers = sum(map(return_pointers, declared.results))
        return found + [self._pointer() for _ in range(pointers)]

    def _placed(self, value: bytes | int) -> list[int]:
        if isinstance(value, bytes):
            return [self._data.place(value), len(value)]
        return [value]

    def _number(self, kind: Number) -> int:
        random = self._random
        if kind in {Number.U64, Number.I64} and random.random() < 0.5:
            return random.choice((1, 2, 10, (1 << 64) - 1, 1 << 63, (1 << 63) - 1))
        # Small numbers are ids, tokens and periods that exist.
        return random.choice((random.randrange(13), random.randrange(13), random.choice(_EDGES)))

    def _octets(self, kind: Octets) -> list[int]:
        random = self._random
        if random.random() < 0.15:
            return [self._pointer(), random.choice((random.randrange(300), random.choice(_EDGES)))]
        if kind is Octets.PAIRS or random.random() < 0.05:
            content = self._pairs()
        else:
            content = random.choice(_WORDS)
        return self._placed(content)

    def _pairs(self) -> bytes:
        random = self._random
        content = bytearray(encode_pairs(random.choice(_PAIRS)))
        if random.random() < 0.3:
            content[random.randrange(len(content))] = random.randrange(256)
        return bytes(content[: random.choice((len(content), len(content), random.randrange(9)))])

    def _pointer(self) -> int:
        """Point at scratch memory mostly, else at the script, the memory's end, or nowhere."""
        random = self._random
        chance = random.random()
        if chance < 0.7:
            return 8 * random.randrange(1, 64)
        if chance < 0.85:
            return random.choice((driver.SCRIPT, driver.HEAP)) + random.randrange(4096)
        end = driver.PAGES << 16
        return random.choice((end - random.randrange(12), random.choice(_EDGES)))
