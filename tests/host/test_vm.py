"""A machine by itself: what hostcalls raise, and what signals do."""

import gc
import os
import signal
import threading
from collections.abc import Callable
from types import FrameType, SimpleNamespace

import pytest
import wasmtime

from wasmctl.abi.signature import Signature
from wasmctl.host import fastcall, plaincall
from wasmctl.host.engine import Limits, runtime
from wasmctl.host.hostcall import Convention, Hostcall, HostcallError
from wasmctl.host.linkage import Linkage
from wasmctl.host.vm import Vm

GUEST = """(module
  (import "env" "ask" (func $ask (result i32)))
  (memory (export "memory") 1)
  (func (export "malloc") (param i32) (result i32) (i32.const 8))
  (func (export "asks") (result i32) (call $ask))
  (func (export "asks_forever") (loop $again (drop (call $ask)) (br $again)))
  (func (export "loops") (loop $again (br $again)))
)"""
ENTRY_POINTS = {
    "malloc": Signature.parse("i:i"),
    "asks": Signature.parse(":i"),
    "asks_forever": Signature.parse(":"),
    "loops": Signature.parse(":"),
}


def machine(ask: Callable[[object], None], *, fast_calls: bool) -> Vm:
    declared = Hostcall(
        name="ask",
        modules=("env",),
        function=ask,
        parameters=(),
        results=(),
        convention=Convention.STATUS,
    )
    own = runtime()
    linkage = Linkage(own.engine, fastcall if fast_calls else plaincall, {"ask": declared})
    content = bytes(wasmtime.wat2wasm(GUEST))
    vm = Vm(own, linkage, own.load(content, GUEST, None), ENTRY_POINTS, Limits())
    vm.enter(vm.instantiate)
    return vm


def interrupt_soon(number: signal.Signals) -> threading.Timer:
    timer = threading.Timer(0.05, os.kill, (os.getpid(), number))
    timer.start()
    return timer


def test_a_mistake_in_a_hostcall_surfaces_as_itself(*, fast_calls: bool) -> None:
    def ask(_context: object) -> None:
        raise LookupError("raised in a hostcall")

    vm = machine(ask, fast_calls=fast_calls)

    with pytest.raises(LookupError, match="raised in a hostcall"):
        vm.enter(lambda: vm.call(None, "asks"))

    assert vm.failure
    assert vm.enter(lambda: vm.call(None, "asks")) is None


def test_leaving_the_interpreter_from_a_hostcall_surfaces_too(*, fast_calls: bool) -> None:
    def ask(_context: object) -> None:
        raise SystemExit(3)

    vm = machine(ask, fast_calls=fast_calls)

    with pytest.raises(SystemExit):
        vm.enter(lambda: vm.call(None, "asks"))


def test_a_refusal_is_returned_to_the_guest(*, fast_calls: bool) -> None:
    def ask(_context: object) -> None:
        raise HostcallError(8, "because")

    vm = machine(ask, fast_calls=fast_calls)

    assert vm.enter(lambda: vm.call(None, "asks")) == 8


def test_a_hostcall_gets_the_context_of_the_call(*, fast_calls: bool) -> None:
    seen: list[object] = []
    vm = machine(seen.append, fast_calls=fast_calls)
    context = SimpleNamespace(id=1, plugin=None)

    vm.enter(lambda: vm.call(context, "asks"))

    assert seen == [context]


@pytest.mark.parametrize("callback", ["loops", "asks_forever"])
def test_ctrl_c_ends_an_endless_guest(callback: str, *, fast_calls: bool) -> None:
    vm = machine(lambda _context: None, fast_calls=fast_calls)
    timer = interrupt_soon(signal.SIGINT)
    before = signal.getsignal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        vm.enter(lambda: vm.call(None, callback))

    timer.join()
    assert signal.getsignal(signal.SIGINT) is before
    assert vm.failure


def test_another_signals_handler_raises_what_it_wants(*, fast_calls: bool) -> None:
    vm = machine(lambda _context: None, fast_calls=fast_calls)

    def handler(_number: int, _frame: FrameType | None) -> None:
        raise ZeroDivisionError

    before = signal.signal(signal.SIGTERM, handler)
    timer = interrupt_soon(signal.SIGTERM)
    try:
        with pytest.raises(ZeroDivisionError):
            vm.enter(lambda: vm.call(None, "loops"))
    finally:
        signal.signal(signal.SIGTERM, before)
        timer.join()


def test_a_signal_that_is_not_waited_for_leaves_the_guest_alone(*, fast_calls: bool) -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGUSR1, lambda number, _frame: heard.append(number))
    vm = machine(lambda _context: os.kill(os.getpid(), signal.SIGUSR1), fast_calls=fast_calls)
    try:
        assert vm.enter(lambda: vm.call(None, "asks")) == 0
    finally:
        signal.signal(signal.SIGUSR1, before)

    assert heard == [signal.SIGUSR1]
    assert vm.failure is None


def test_after_ctrl_c_the_next_machine_runs(*, fast_calls: bool) -> None:
    stopped = machine(lambda _context: None, fast_calls=fast_calls)
    timer = interrupt_soon(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        stopped.enter(lambda: stopped.call(None, "loops"))
    timer.join()

    vm = machine(lambda _context: None, fast_calls=fast_calls)

    assert vm.enter(lambda: vm.call(None, "asks")) == 0


def test_a_machine_belongs_to_its_thread(*, fast_calls: bool) -> None:
    vm = machine(lambda _context: None, fast_calls=fast_calls)
    raised: list[str] = []

    def elsewhere() -> None:
        try:
            vm.enter(lambda: vm.call(None, "asks"))
        except RuntimeError as error:
            raised.append(str(error))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()

    assert raised == ["a host belongs to the thread that started it"]


def test_another_thread_has_machines_of_its_own(*, fast_calls: bool) -> None:
    returned: list[int | None] = []

    def elsewhere() -> None:
        vm = machine(lambda _context: None, fast_calls=fast_calls)
        returned.append(vm.enter(lambda: vm.call(None, "asks")))
        vm.close()

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()

    assert returned == [0]


def test_fuel_is_counted_over_all_entries(*, fast_calls: bool) -> None:
    vm = machine(lambda _context: None, fast_calls=fast_calls)

    vm.enter(lambda: vm.call(None, "asks"))
    once = vm.fuel
    vm.enter(lambda: vm.call(None, "asks"))

    assert once > 0
    assert vm.fuel == 2 * once


def test_at_the_end_of_pythons_stack_it_is_refused_and_not_fatal(*, fast_calls: bool) -> None:
    vm = machine(lambda _context: None, fast_calls=fast_calls)

    def descend() -> int | None:
        try:
            return descend()
        except RecursionError:
            return vm.enter(lambda: vm.call(None, "asks"))

    gc.collect()  # what others left behind cannot be finalised without a stack

    assert descend() == 0
    assert vm.failure is None
