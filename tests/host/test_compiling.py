"""Compiling in a child: what it refuses, what ends it, and that the host outlives both."""

import gc
import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import wasmtime

from wasmctl.host import Host, Limits, LoadError, compiler
from wasmctl.host.compiling import CompileError, CompileLimitError, Compiler

SMALL = bytes(wasmtime.wat2wasm('(module (func (export "f")))'))
MEMORY = '(memory (export "memory") 1)'
MARKER = '(func (export "proxy_abi_version_0_2_1"))'
ALLOCATOR = '(func (export "malloc") (param i32) (result i32) (i32.const 8))'


def compiled(own: Compiler, content: bytes = SMALL) -> bytes:
    return own.compile(content, seconds=60, memory=4 << 30)


def bomb(count: int, rest: str = "") -> bytes:
    """A function that takes far longer to compile than its size lets expect."""
    steps = "".join(
        f"(if (local.get {number}) (then (local.set {number * 7 % count} (i32.const {number}))))"
        for number in range(count)
    )
    body = f"(loop $again {steps} (br_if $again (local.get 0)))"
    return bytes(wasmtime.wat2wasm(f"(module {rest} (func (local {'i32 ' * count}) {body}))"))


def children() -> set[int]:
    found = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    return {int(pid) for path in found for pid in path.read_text().split()}


def test_what_the_child_compiles_runs_here() -> None:
    code = compiled(Compiler())

    engine = compiler.engine()
    store = wasmtime.Store(engine)
    store.set_fuel(100)
    store.set_epoch_deadline(1)
    made = wasmtime.Instance(store, wasmtime.Module.deserialize(engine, code), [])
    assert isinstance(made.exports(store)["f"], wasmtime.Func)


def test_a_module_that_the_engine_refuses_is_named_in_its_words() -> None:
    with pytest.raises(CompileError, match="unexpected end"):
        compiled(Compiler(), b"\0asm\1\0\0\0\1")


def test_one_child_compiles_many_modules() -> None:
    before = children()
    own = Compiler()

    codes = [compiled(own) for _ in range(3)]

    assert codes[0] == codes[2]
    assert len(children() - before) == 1


def test_processor_time_is_limited() -> None:
    own = Compiler()

    with pytest.raises(CompileLimitError) as caught:
        own.compile(bomb(10_000), seconds=1, memory=4 << 30)

    assert str(caught.value) == "compiling it takes more than 1 s of processor time"
    assert compiled(own)


def test_memory_is_limited() -> None:
    own = Compiler()

    with pytest.raises(CompileLimitError) as caught:
        own.compile(bomb(6_000), seconds=60, memory=200 << 20)

    assert str(caught.value) == "compiling it takes more than 200 MiB of memory"
    assert compiled(own)


def test_a_child_that_somebody_ends_is_replaced() -> None:
    before = children()
    own = Compiler()
    compiled(own)
    (child,) = children() - before

    os.kill(child, 9)

    with pytest.raises(CompileLimitError):
        compiled(own)
    assert compiled(own)


@pytest.fixture
def alarm() -> Iterator[Callable[[], None]]:
    """What lets Ctrl-C arrive a moment later."""
    kept = signal.signal(signal.SIGHUP, signal.default_int_handler)
    yield threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGHUP)).start
    signal.signal(signal.SIGHUP, kept)


def test_whoever_interrupts_the_wait_ends_the_child(alarm: Callable[[], None]) -> None:
    before = children()
    own = Compiler()
    compiled(own)

    alarm()
    with pytest.raises(KeyboardInterrupt):
        compiled(own, bomb(10_000))

    assert children() <= before
    assert compiled(own)


def test_a_host_that_compiles_can_be_interrupted(alarm: Callable[[], None]) -> None:
    module = bomb(10_000, f"{MEMORY} {MARKER} {ALLOCATOR}")
    before = children()

    alarm()
    with pytest.raises(KeyboardInterrupt):
        Host.start(module)

    assert children() <= before


def test_the_child_goes_with_its_compiler() -> None:
    before = children()
    own = Compiler()
    compiled(own)

    del own
    gc.collect()

    assert children() <= before


def test_a_plugin_that_takes_too_long_to_compile_does_not_load() -> None:
    rest = f"{MEMORY} {MARKER} {ALLOCATOR}"

    with pytest.raises(LoadError) as caught:
        Host.start(bomb(10_000, rest), limits=Limits(compile_seconds=1))

    assert "more than 1 s of processor time" in caught.value.message
