"""One WebAssembly machine: a module in a store, called within limits, and what hostcalls need.

Whatever ends the guest comes out of `call` as one of three: TrapError (its own trap, a limit),
the exception a hostcall raised, as itself, or SignalledError where Ctrl-C or another signal
arrived. After any of them the machine has failed: it is never entered again.
"""

import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar, cast

import wasmtime

from wasmctl.abi.callbacks import ALLOCATORS
from wasmctl.abi.signature import Signature
from wasmctl.abi.types import Status
from wasmctl.abi.wasi import WASI_FUNCTIONS
from wasmctl.host import instance, restrictions, traps
from wasmctl.host.engine import Compiled, Limits, Runtime
from wasmctl.host.entrance import Entrance, SignalledError
from wasmctl.host.fuel import FuelMeter
from wasmctl.host.hostcall import HostcallError, UnimplementedError
from wasmctl.host.instance import Instance, InstantiationError
from wasmctl.host.linkage import Linkage
from wasmctl.host.memory import MemoryAccessError
from wasmctl.host.trace import Place, Recorder, Trace
from wasmctl.host.traps import TrapError
from wasmctl.records import Trap, TrapKind

_ENGINE_ERRORS = (wasmtime.Trap, wasmtime.WasmtimeError)
_LIMITS = (TrapKind.FUEL_LIMIT, TrapKind.TIME_LIMIT)
_NOT_CAPABLE = 76  # WASI's errno
_Result = TypeVar("_Result")


class RestrictedError(Exception):
    """A hostcall that is not allowed at this moment."""


class Vm:
    """A module in a store; ``entry_points`` are the exports it is called at, allocators included.

    Attributes:
        entrance: the way in; its own, or that of a host with several machines.
        memory: the guest's memory.
        context: what hostcalls act on: the context whose callback runs, or the effective one.
        current: the context whose callback runs.
        callback: the export that runs, or ran last.
        idle: the context of calls that belong to none.
        allowed: the hostcalls allowed now; None for all.
        failure: what ended the guest for good.
        unimplemented: what the guest wanted and this host cannot do yet, in order.
        fuel: consumed so far.
        exports: the names of its entry points.
        recorder: takes down what crosses the boundary, where the linkage is a traced one.

    """

    def __init__(
        self,
        runtime: Runtime,
        linkage: Linkage,
        compiled: Compiled,
        entry_points: Mapping[str, Signature],
        limits: Limits,
        entrance: Entrance | None = None,
        capabilities: frozenset[str] | None = None,
    ) -> None:
        self._runtime = runtime
        self._module = compiled.module
        self._entry_points = entry_points
        self._limits = limits
        self._externs = compiled.externs
        self._functions = compiled.functions
        self._linkage = linkage.apart() if self._externs else linkage
        self._slot = self._linkage.slot
        self._store = wasmtime.Store(runtime.engine)
        self._store.set_limits(memory_size=limits.memory, table_elements=limits.table_elements)
        self._meter = FuelMeter(self._store, limits.fuel)
        self._epoch = -1
        self._callbacks: dict[str, Callable[..., int]] = {}
        self._unbound: dict[str, object] = {}
        self.exports = entry_points.keys()
        self._allocator = ""
        self._in_allocator = restrictions.IN_ALLOCATOR
        self._raised: BaseException | None = None
        self.entrance = entrance or Entrance(runtime, limits)
        self.entrance.add(self)
        self.memory = instance.no_memory()
        self.context: Place | None = None
        self.current: Place | None = None
        self.idle: Place | None = None
        self.callback = ""
        self._capabilities = restrictions.with_runtime(capabilities)
        self.allowed = self._capabilities
        if self._capabilities is not None:
            self._in_allocator &= self._capabilities
        self.failure: Trap | None = None
        self.unimplemented: dict[str, None] = {}
        self.fuel = 0
        self._memory_size: int | None = None
        self.recorder = Recorder(Trace(), 0)

    def enter(self, work: Callable[[], _Result]) -> _Result:
        """Run ``work``, which calls the guest, within the limits of one entry."""
        return self.entrance.enter(work)

    def begin(self) -> None:
        """Give the guest the fuel of one entry.

        From now on it can be interrupted, and by nothing that happened before.
        """
        self._meter.fill()
        if self._epoch != self._runtime.epoch:
            self._epoch = self._runtime.epoch
            self._store.set_epoch_deadline(1)

    def finish(self) -> None:
        """Count the fuel of the entry that is over."""
        self.fuel += self._meter.used

    def instantiate(self) -> None:
        """Make the instance.

        Raises InstantiationError, TrapError.
        """
        self._slot.vm = self
        self._linkage.offer(self._functions)
        self.restrict(restrictions.NONE)
        made = self._instantiate()
        self.restrict(None)
        self.memory = made.memory
        self._unbound = {name: made.exports[name] for name in self.exports}
        self._allocator = next(name for name in ALLOCATORS if name in self.exports)
        self._bind(self._allocator)

    def _instantiate(self) -> Instance:
        try:
            return instance.make(self._store, self._linkage.linker, self._module, self._externs)
        except _ENGINE_ERRORS as error:
            if isinstance(error, wasmtime.WasmtimeError) and self._raised is None:
                raise InstantiationError(str(error)) from error
            raise self._stopped("start", error) from None

    def call(self, context: Place | None, name: str, *arguments: int) -> int | None:
        """Call an export for a context; None where there is none, or the machine has failed."""
        export = self._callbacks.get(name) or self._bind(name)
        if export is None or self.failure is not None:
            return None
        self._slot.vm = self
        self.context = self.current = context
        self.callback = name
        try:
            return export(*arguments)
        except _ENGINE_ERRORS as error:
            raise self._stopped(name, error) from None

    def _bind(self, name: str) -> Callable[..., int] | None:
        """Make an export callable, when it is first called: many never are."""
        function = self._unbound.pop(name, None)
        if function is None:
            return None
        kind = self._entry_points[name]
        bound = self._linkage.bind(self._store, name, kind, cast("wasmtime.Func", function))
        self._callbacks[name] = bound
        return bound

    @contextlib.contextmanager
    def forgiven(self) -> Iterator[None]:
        """Let the guest be called although it has failed; of its failures, the first counts."""
        failure, self.failure = self.failure, None
        try:
            yield
        finally:
            self.failure = failure

    def give(self, content: bytes, pointer_at: int, size_at: int) -> None:
        """Copy bytes into memory that the guest allocates, and write where they are.

        No bytes need no memory. Raises MemoryAccessError, TrapError.
        """
        size = len(content)
        pointer = self._allocate(size) if size else 0
        memory = self.memory
        if pointer:
            memory.write(pointer, content)
        memory.write_both(pointer_at, pointer, size_at, size)

    def place(self, content: bytes) -> int:
        """Copy bytes into memory that the guest allocates, even none, and return where they are.

        Raises MemoryAccessError, TrapError.
        """
        try:
            pointer = self._allocate(len(content))
        except MemoryAccessError:
            if content:
                raise
            return 0
        self.memory.write(pointer, content)
        return pointer

    def _allocate(self, size: int) -> int:
        """Call the guest's allocator, as from no context; it may call back, a little."""
        context, allowed = self.context, self.allowed
        self.context, self.allowed = self.idle, self._in_allocator
        try:
            pointer = self._callbacks[self._allocator](size)
        except _ENGINE_ERRORS as error:
            self._allocator_stopped(self._stopped(self._allocator, error))
            pointer = 0
        finally:
            self.context, self.allowed = context, allowed
        if not pointer:
            raise MemoryAccessError("the plugin's allocator returned no memory for the result")
        return pointer

    def _allocator_stopped(self, error: BaseException) -> None:
        """Let the guest go on behind its allocator's trap, as Envoy does, until it returns.

        It has failed all the same. What must end it at once is raised.
        """
        if not isinstance(error, TrapError) or error.trap.kind in _LIMITS:
            raise error

    def restrict(self, names: frozenset[str] | None) -> None:
        """Allow these hostcalls from now on, or (None) whatever the plugin's capabilities allow."""
        capabilities = self._capabilities
        if names is None or capabilities is None:
            self.allowed = capabilities if names is None else names
        else:
            self.allowed = names & capabilities

    def check_allowed(self, name: str) -> None:
        """Refuse a hostcall that the guest may not make now.

        Raises HostcallError for what it may never make, RestrictedError for what ends it.
        """
        if self._capabilities is not None and name not in self._capabilities:
            status = _NOT_CAPABLE if name in WASI_FUNCTIONS else Status.INTERNAL_FAILURE
            raise HostcallError(status, f"{name} is not among the plugin's capabilities")
        if self.allowed is not None and name not in self.allowed:
            raise RestrictedError(f"{name} may not be called here: restricted_callback")

    def refused(self, name: str, refusal: HostcallError) -> int:
        """Take note of a hostcall's refusal."""
        self.recorder.explanation = refusal.reason
        if isinstance(refusal, UnimplementedError):
            self.unimplemented[refusal.what or name] = None
        return refusal.status

    def stop(self, error: BaseException) -> int:
        """Keep what a hostcall raised, and return the trap that ends the guest."""
        self._raised = error
        return self._linkage.calls.trap()

    def _stopped(self, name: str, error: Exception) -> BaseException:
        """Say why the guest ended, and never enter it again."""
        raised, self._raised = self._raised, None
        trap = self._named(traps.describe(error, name))
        if isinstance(raised, TrapError):
            self.failure = raised.trap
            return raised
        if isinstance(raised, RestrictedError):
            trap = dataclasses.replace(trap, kind=TrapKind.RESTRICTED_CALLBACK, message=str(raised))
            raised = None
        self.failure = trap
        if self._runtime.interrupter.pending:
            return SignalledError()
        return raised or TrapError(trap)

    def _named(self, trap: Trap) -> Trap:
        """Name the shortage behind a guest that gave up: `memory.grow` only returns -1 to it.

        An allocator that doubles is refused when more than half is in use.
        """
        if trap.kind is TrapKind.TIME_LIMIT and self._runtime.interrupter.has_outgrown:
            message = f"the process grew by more than {self._limits.growth >> 20} MiB"
            return dataclasses.replace(trap, kind=TrapKind.MEMORY_LIMIT, message=message)
        gave_up = trap.kind is TrapKind.UNREACHABLE
        if gave_up and self.memory.measure() * 2 > self._limits.memory:
            return dataclasses.replace(trap, kind=TrapKind.MEMORY_LIMIT)
        return trap

    @property
    def memory_now(self) -> int:
        """Bytes of the guest's memory, or how many they were when it was closed."""
        return self.memory.measure() if self._memory_size is None else self._memory_size

    def close(self) -> None:
        """Give back the store and its memory; `memory_now` remembers how large it was."""
        if self._memory_size is not None:
            return
        self.entrance.remove(self)
        self._memory_size = self.memory.measure()
        self.memory = instance.no_memory()
        self._callbacks.clear()
        self._unbound.clear()
        self._store.close()
