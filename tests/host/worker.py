"""What a real Envoy's worker prints of a plugin: its calls across the boundary, line by line."""

import contextlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from wasmctl import files
from wasmctl.envoy import bootstrap, engines, launch, waiting
from wasmctl.envoy.admin import StatKind
from wasmctl.envoy.bootstrap import PluginSettings
from wasmctl.envoy.engines.base import Choice
from wasmctl.envoy.launch import Envoy
from wasmctl.envoy.peers import process
from wasmctl.envoy.peers.process import Peers
from wasmctl.errors import DeadlineError
from wasmctl.messages import Message
from wasmctl.plugin import Plugin

Exchanged = tuple[Message, Message]

_UPSTREAM = "upstream"
_CALLS = ("[host->vm] ", "[host<-vm] ", "[vm->host] ", "[vm<-host] ")
_PATIENCE = 30.0


@dataclass(frozen=True, kw_only=True)
class Worker:
    """An Envoy with one worker, between a client and an upstream."""

    envoy: Envoy
    peers: Peers

    def lines(
        self,
        plugin: Plugin,
        configuration: bytes,
        exchange: tuple[Message, Message],
        expected: Sequence[str],
    ) -> tuple[str, ...]:
        """Start a plugin, send one request, end it, and return the worker's lines.

        The exchange is the request, and what the upstream answers. ``expected`` tells which line
        is the last: on a busy machine it comes when the listener is long gone.
        """
        request, reply = exchange
        self.envoy.begin()
        name = plugin.digest.removeprefix("sha256:")
        code = self.envoy.folder / f"{name}.wasm"
        files.write(code, plugin.content)
        settings = PluginSettings(name=name, code=code, configuration=configuration)
        port = self.envoy.listeners.offer(bootstrap.listener(name, [settings], _UPSTREAM))
        assert port, [each.text for each in self.envoy.entries()]
        self.peers.reply(_UPSTREAM, reply)
        self.peers.send(port, request, seconds=_PATIENCE)
        active = f"^http.{name}.downstream_rq_active$"
        waiting.until(
            lambda: not any(self.envoy.admin.statistics(active, StatKind.GAUGE).values()),
            seconds=_PATIENCE,
            otherwise="the stream did not end",
        )
        self.envoy.listeners.withdraw(seconds=_PATIENCE)
        self.peers.forget()
        last = expected[-1]
        with contextlib.suppress(DeadlineError):
            waiting.until(
                lambda: self._lines().count(last) >= expected.count(last),
                seconds=_PATIENCE,
                otherwise="the last line did not come",
            )
        return self._lines()

    def _lines(self) -> tuple[str, ...]:
        main = self.envoy.main_thread
        worker = [each for each in self.envoy.entries() if each.thread != main]
        return tuple(each.text for each in worker if each.text.startswith(_CALLS))


@contextlib.contextmanager
def started() -> Iterator[Worker]:
    """Start Envoy and its peers."""
    with ExitStack() as running:
        peers = running.enter_context(process.started([_UPSTREAM]))
        cluster = bootstrap.Cluster(name=_UPSTREAM, port=peers.ports[_UPSTREAM])
        engine = engines.choose("process", Choice())
        envoy = running.enter_context(launch.launched(engine, [cluster]))
        yield Worker(envoy=envoy, peers=peers)
