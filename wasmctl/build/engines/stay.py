"""A build's stay in an engine: its containers go with it, however it ends."""

import contextlib
import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property

from wasmctl.build.engines.base import Order, Ran, kept
from wasmctl.containers import Connection, Container, Ending, Plan, labels, reaper
from wasmctl.containers.guardian import guarding


class Stay:
    """What one build creates in an engine; what is left of it goes with ``end``."""

    def __init__(self, order: Order, connection: Connection, end: contextlib.ExitStack) -> None:
        self._order = order
        self._connection = connection
        self._end = end
        self._is_settled = True

    @contextlib.contextmanager
    def container(self, plan: Plan) -> Iterator[Container]:
        """Create a container, and remove it when the block is over."""
        owned = labels.of_us(self._run_id)
        name = f"wasmctl-{self._run_id}-{secrets.token_hex(2)}"
        self._is_settled = False
        container = self._connection.create(replace(plan, labels=owned, name=name))
        try:
            yield container
        finally:
            container.remove()
            self._is_settled = True

    def follow(self, container: Container, *, show: Callable[[str], None] | None = None) -> Ran:
        """Start its program, and show what it writes until it ends, or the time is over."""
        with container.output() as output, self._order.deadline.ending(container.kill):
            container.start()
            lines = kept(output, show or self._order.show)
            ending = container.wait()
        return Ran(exit_code=ending.code, output=lines, reason=self._reason(ending))

    def _reason(self, ending: Ending) -> str | None:
        if not ending.out_of_memory:
            return None
        limit = self._order.project.file.build.container.memory_mb
        return f"it needed more than {limit} MiB of memory ([build.container] memory_mb)"

    @cached_property
    def _run_id(self) -> str:
        """Return its name, from whose making on a guardian looks after it."""
        reaper.reap(self._connection)
        run = f"build-{secrets.token_hex(4)}"
        guardian = self._end.enter_context(guarding(run))
        # Whoever was interrupted while a container was being created cannot say whether it is.
        self._end.callback(lambda: guardian.dismiss() if self._is_settled else None)
        return run
