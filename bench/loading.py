"""From a module's bytes to a plugin that runs: compiled anew, from the cache, by two at once.

Each figure is of a process of its own, without its imports; loading ends with an instance, before
anything of the module runs. What its runtime does at its start comes three times, as in Envoy.
"""

import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench import demo
from bench.figures import Figure

ROUNDS = 9
AIM = 2.0  # ms

# Prints milliseconds of loading the module, and of starting the plugin once it is loaded.
_LOADED = """
import sys, time
from pathlib import Path
from wasmctl.host import Host
from wasmctl.host.engine import Limits, runtime
from wasmctl.host.entrance import Entrance
from wasmctl.host.workshop import Workshop
from wasmctl.plugin import open_plugin

plugin, cache, limits = open_plugin(Path(sys.argv[1])), Path(sys.argv[2]), Limits()
own = runtime()
begun = time.perf_counter()
workshop = Workshop(limits=limits, cache=cache, fast_calls=True, trace=False)
vm = workshop.make(plugin, Entrance(own, limits), None)
vm.instantiate()
loaded = time.perf_counter()
with Host.start(plugin, cache=cache):
    started = time.perf_counter()
print((loaded - begun) * 1000, (started - loaded) * 1000)
"""


def measure() -> Iterator[Figure]:
    for language in demo.languages():
        module = demo.module(language)
        with tempfile.TemporaryDirectory() as folder:
            yield from _loads(language, module, Path(folder))


def _loads(language: str, module: Path, folder: Path) -> Iterator[Figure]:
    what = f"{language}, {module.stat().st_size / 1000:,.0f} kB:"
    cold = _median(0, [_times(module, folder / str(number)) for number in range(3)])
    cache = folder / "0"
    rounds = [(_times(module, cache), _two_at_once(module, cache)) for _ in range(ROUNDS)]
    alone, both = zip(*rounds, strict=True)
    warm = _median(0, list(alone))
    yield _figure(f"{what} loaded, cold", cold, "warm", warm)
    yield _figure(f"{what} loaded, warm", warm, "the aim", AIM)
    yield _figure(f"{what} loaded by two at once", _median(0, list(both)), "alone", warm)
    yield _figure(f"{what} started, once loaded", _median(1, list(alone)), "loading", warm)


def _figure(what: str, value: float, beside: str, other: float) -> Figure:
    return Figure(what=what, value=value, unit="ms", beside=beside, other=other)


def _median(index: int, rounds: list[tuple[float, ...]]) -> float:
    return statistics.median(taken[index] for taken in rounds)


def _times(module: Path, cache: Path) -> tuple[float, ...]:
    return _read(_begun(module, cache))


def _two_at_once(module: Path, cache: Path) -> tuple[float, ...]:
    """Return the times of the slower of two."""
    return max([_read(process) for process in [_begun(module, cache), _begun(module, cache)]])


def _begun(module: Path, cache: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", _LOADED, str(module), str(cache)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _read(process: "subprocess.Popen[str]") -> tuple[float, ...]:
    printed, _ = process.communicate()
    return tuple(map(float, printed.split()))
