"""Plugins brought into a real Envoy: a file, a project or an image, for as long as it is wanted."""

import contextlib
import dataclasses
import errno
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

from wasmctl.envoy import hazards, launch, logs, proxy, trace
from wasmctl.envoy.engines.base import Address, Engine, Site, TcpAddress
from wasmctl.envoy.launch import Envoy
from wasmctl.envoy.plugin_config import Kind
from wasmctl.errors import EnvironmentMissingError, WasmctlError
from wasmctl.launch import code_server, folder, upstreams
from wasmctl.launch.diary import Diary, OnSaid
from wasmctl.launch.folder import Record, RunFolder, RunPlugin, State
from wasmctl.launch.order import Order
from wasmctl.launch.reload import Reloader
from wasmctl.launch.speech import Listener, Speaker
from wasmctl.launch.wiring import Wiring

OnNote = Callable[[str], None]

# How many of Envoy's last lines are kept to explain its death.
_KEPT_LINES = 2000

# A callback that takes longer is told of.
_SILENCE_SECONDS = 3.0

_PORT_TAKEN = "end what listens there (ss -ltnp shows it), or let the system choose: --port 0"
_PORT_REFUSED = "choose a port above 1023, or let the system choose: --port 0"


class Run:
    """A proxy that runs."""

    def __init__(
        self,
        envoy: Envoy,
        place: RunFolder,
        record: Record,
        diary: Diary,
        reloader: Reloader | None,
        on_note: OnNote,
    ) -> None:
        self.envoy = envoy
        self.folder = place
        self.record = record
        self._diary = diary
        self._reloader = reloader
        self._on_note = on_note
        self._silent_in: str | None = None

    def check(self) -> None:
        """See to what has happened: to be called again and again while the run goes on.

        Raises EnvoyFailedError where Envoy has died, FilesError where its logs find no place.
        """
        if self._diary.trouble:
            raise self._diary.trouble
        if not self.envoy.is_alive:
            raise self.envoy.failure()
        self._see_to_silence()
        if self._reloader:
            self._reloader.check()

    def _see_to_silence(self) -> None:
        """Tell, once, of a callback that does not return."""
        callback = trace.unreturned(self.envoy.journal.last_entry())
        is_long = self.envoy.journal.silence > _SILENCE_SECONDS
        if callback and is_long and callback != self._silent_in:
            self._on_note(
                f"{callback} has not returned for {_SILENCE_SECONDS:g} s;"
                " Envoy sets plugins no limit of time"
            )
            self._silent_in = callback

    def keep(self) -> None:
        """Put into the run's folder what Envoy says of itself; nothing where it says nothing."""
        pages = {folder.CONFIG_DUMP: "/config_dump", folder.STATS: "/stats"}
        for name, page in pages.items():
            with contextlib.suppress(WasmctlError, OSError):
                (self.folder.path / name).write_text(self.envoy.admin.text(page))


@contextlib.contextmanager
def running(
    order: Order, engine: Engine, *, on_said: OnSaid, on_note: OnNote = lambda _text: None
) -> Iterator[Run]:
    """Start a proxy and wait until it is ready; end it with the block, and leave its folder.

    ``on_said`` gets each message of the plugins and of Envoy, in a thread of its own; ``on_note``
    what becomes of replaced modules.

    Raises EnvironmentMissingError where a port is taken or an upstream is dead, EnvoyFailedError
    where Envoy refuses the plugins or dies, DeadlineError where they are never ready, FilesError
    where there is no place for the run's files.
    """
    _check_surroundings(order)
    for plugin in order.plugins:
        hazard = hazards.of_module(plugin.plugin.module)
        if hazard:
            on_note(f"{plugin.name}: {hazard}")
    with contextlib.ExitStack() as stack:
        place, record = stack.enter_context(folder.opened(order.name))
        site = engine.site(place.path)
        wiring = Wiring(
            order=order,
            site=site,
            folder=place.path,
            code_server=_code_server(order, place.path, stack),
        )
        wiring.write()
        diary = Diary(place.path, Listener(_speakers(order)), on_said)
        stack.callback(diary.close)
        envoy = _started(order, site, diary, place.path, stack)
        record = dataclasses.replace(
            record,
            state=State.READY,
            engine=engine.name,
            release=envoy.admin.release(),
            machine=envoy.machine.label,
            url=_url(_outside(envoy), is_http=_is_http(order)),
            admin=_url(envoy.admin.address, is_http=True),
            plugins=tuple(
                RunPlugin(name=one.name, kind=one.kind, digest=one.plugin.digest)
                for one in order.plugins
            ),
        )
        place.write(record)
        reloader = Reloader(wiring, engine, envoy, on_note) if order.reload else None
        run = Run(envoy, place, record, diary, reloader, on_note)
        try:
            yield run
        finally:
            run.keep()


def _check_surroundings(order: Order) -> None:
    for port in (order.port, order.admin_port):
        _check_free(port)
    for upstream in (order.upstream, *order.clusters):
        if upstream:
            upstreams.check(upstream)


def _check_free(port: int) -> None:
    """See that a port is free: Envoy itself would share it with another Envoy of this user."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            is_taken = error.errno == errno.EADDRINUSE
            raise EnvironmentMissingError(
                f"cannot use port {port} of 127.0.0.1: {os.strerror(error.errno or 0)}",
                hint=_PORT_TAKEN if is_taken else _PORT_REFUSED,
            ) from error


def _code_server(order: Order, place: Path, stack: contextlib.ExitStack) -> TcpAddress | None:
    if not order.serve_code:
        return None
    return stack.enter_context(code_server.serving(place / folder.MODULES))


def _started(
    order: Order, site: Site, diary: Diary, place: Path, stack: contextlib.ExitStack
) -> Envoy:
    machine = stack.enter_context(site.started(arguments(order, site, place)))
    journal = stack.enter_context(launch.reading(machine, on_line=diary.take, limit=_KEPT_LINES))
    envoy = Envoy(machine, journal, place, seconds=order.ready_seconds)
    stack.callback(envoy.close)
    envoy.wait_until_ready(order.ready_seconds)
    return envoy


def arguments(order: Order, site: Site, place: Path) -> list[str]:
    """Return Envoy's command line, without the program."""
    return [
        *("--config-path", site.path(place / folder.BOOTSTRAP)),
        *("--concurrency", str(order.concurrency)),
        *launch.ARGUMENTS,
        *("--log-level", order.envoy_level),
        # Every message of the plugins, and each callback: the last one before a death is told.
        *("--component-log-level", "wasm:trace"),
    ]


def _speakers(order: Order) -> list[Speaker]:
    return [
        Speaker(
            identity=logs.Identity(name=one.name, root_id=one.root_id, vm_id=one.vm_id),
            is_service=one.kind is Kind.SERVICE,
        )
        for one in order.plugins
    ]


def _is_http(order: Order) -> bool:
    kinds = {plugin.kind for plugin in order.plugins}
    return Kind.NETWORK not in kinds or bool(kinds & {Kind.HTTP, Kind.HTTP_UPSTREAM})


def _outside(envoy: Envoy) -> Address:
    return envoy.machine.outside(proxy.LISTENER, envoy.admin.listeners()[proxy.LISTENER])


def _url(address: Address, *, is_http: bool) -> str:
    if isinstance(address, TcpAddress):
        return f"{'http' if is_http else 'tcp'}://{address}"
    return str(address)
