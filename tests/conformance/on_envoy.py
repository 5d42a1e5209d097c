"""Cases on a real Envoy: one process for many, a listener and a vm id of its own for each.

One listener is there at a time, so what the worker writes belongs to the case that is played.
"""

import contextlib
import hashlib
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.conformance import normalised
from tests.conformance.case import Case, Exchange, Filter, Reconfigure, Step, Together, Wait
from tests.conformance.seen import Seen, Side
from wasmctl import files
from wasmctl.envoy import bootstrap, engines, launch, logs, waiting
from wasmctl.envoy.admin import StatKind
from wasmctl.envoy.engines.base import Choice
from wasmctl.envoy.launch import Envoy
from wasmctl.envoy.logs import Entry
from wasmctl.envoy.peers import process as peers_process
from wasmctl.envoy.peers import scripts
from wasmctl.envoy.peers.parts import Rule, Script
from wasmctl.envoy.peers.process import Peers
from wasmctl.envoy.peers.received import Received
from wasmctl.envoy.plugin_config import PluginSettings
from wasmctl.outcomes import Failure, Outcome
from wasmctl.records import LogLine

ORIGIN = "upstream"
# Where callouts lead; nothing listens at the last.
CLUSTERS = ("callout", "refused")
_METRICS = r"^wasmcustom\."
_PREFIX = "wasmcustom."
_PATIENCE = 5.0
_QUIET = 0.15
_CALLS = ("[host->vm] ", "[host<-vm] ", "[vm->host] ", "[vm<-host] ")


@dataclass(frozen=True, kw_only=True)
class Machine:
    """A running Envoy between its peers."""

    envoy: Envoy
    peers: Peers

    def play(self, case: Case, like: Seen | None = None, *, waits: bool = False) -> Seen:
        """Return what Envoy shows of a case.

        Args:
            case: the case.
            like: what the host showed of it, which tells how long to wait for what.
            waits: whether the client may be left without an answer.

        """
        is_waiting = like.is_waiting if like else waits
        return _Play(case, self.envoy, self.peers, waits=is_waiting).seen()


@contextlib.contextmanager
def started(release: str | None = None) -> Iterator[Machine]:
    """Start an Envoy, of the installed release or another one, and its peers."""
    with ExitStack() as stack:
        engine = engines.choose("process", Choice(version=release))
        peers = stack.enter_context(peers_process.started([ORIGIN, *CLUSTERS]))
        peers.refuse("refused")
        clusters = [bootstrap.Cluster(name=name, port=port) for name, port in peers.ports.items()]
        envoy = stack.enter_context(launch.launched(engine, clusters))
        yield Machine(envoy=envoy, peers=peers)


class _Play:
    def __init__(self, case: Case, envoy: Envoy, peers: Peers, *, waits: bool) -> None:
        self._case = case
        self._envoy = envoy
        self._peers = peers
        self._waits = waits
        self._client: list[Side | None] = []

    def seen(self) -> Seen:
        envoy = self._envoy
        envoy.begin()
        before = self._metrics()
        self._follow(self._case.first_callouts)
        port = envoy.listeners.offer(_listener(self._case, envoy.folder))
        if port is None:
            return self._refused()
        for step in self._case.steps:
            self._do(step, port)
        after = self._metrics()
        upstream = normalised.whole(_side(each) for each in self._peers.seen(ORIGIN))
        callouts = {name: self._peers.seen(name) for name in CLUSTERS}
        self._peers.forget()
        self._peers.refuse("refused")
        envoy.listeners.withdraw(seconds=_PATIENCE)
        served = self._served()
        return Seen(
            trace=normalised.trace(_calls(served)),
            logs=_logs(self._case, served),
            client=tuple(self._client),
            upstream=upstream,
            callouts={
                name: tuple(normalised.joined(normalised.message(each.message)) for each in found)
                for name, found in callouts.items()
                if found
            },
            metrics=normalised.metrics(
                {name: value - before.get(name, 0) for name, value in after.items()}
            ),
            trap=_trap(served),
        )

    def _refused(self) -> Seen:
        entries = self._envoy.entries()
        main = self._envoy.main_thread
        started = [entry for entry in entries if entry.thread == main]
        return Seen(
            # The reason is what follows a trap.
            refusal=logs.refusal(each for each in entries if not logs.trap([each])),
            logs=_logs(self._case, started),
            trap=_trap(started),
        )

    def _do(self, step: Step, port: int) -> None:
        self._follow(step.callouts)
        if isinstance(step, Wait):
            time.sleep(step.milliseconds / 1000)
            return
        if isinstance(step, Reconfigure):
            self._reconfigure(step.configuration)
            return
        if isinstance(step, Together):
            self._play_together(step, port)
        else:
            self._follow({ORIGIN: step.reply})
            self._peers.begin(port, scripts.cut(step.request))
            self._take_answer()
        self._settle()

    def _play_together(self, step: Together, port: int) -> None:
        names = [f"stream-{number}" for number, _ in enumerate(step.exchanges)]
        self._peers.follow(ORIGIN, [_rule_of(exchange) for exchange in step.exchanges])
        for name, exchange in zip(names, step.exchanges, strict=True):
            script = scripts.cut(exchange.request)
            self._peers.begin(port, script, stream=name, connection=name)
            time.sleep(0.1)
        for name in names:
            self._take_answer(name)

    def _reconfigure(self, configuration: bytes) -> None:
        first, *others = self._case.filters
        changed = replace(
            self._case, filters=(replace(first, configuration=configuration), *others)
        )
        self._envoy.listeners.offer(_listener(changed, self._envoy.folder))
        self._wait_for_zero(
            r"listener_manager\.total_filter_chains_draining", "the old chain did not end"
        )

    def _follow(self, outcomes: Mapping[str, Outcome]) -> None:
        for name, outcome in outcomes.items():
            self._peers.follow(name, [Rule(script=_script(outcome))])

    def _take_answer(self, stream: str = "stream") -> None:
        quiet = _QUIET if self._waits else None
        answer = self._peers.wait(seconds=_PATIENCE, quiet=quiet, stream=stream)
        if not (answer.ended and answer.is_sent):
            self._peers.give_up(stream=stream)
        self._client.append(_side(answer.received) if answer.received else None)

    def _settle(self) -> None:
        active = rf"http\.{self._case.key}\.downstream_rq_active"
        self._wait_for_zero(active, "the stream did not end")

    def _wait_for_zero(self, gauge: str, otherwise: str) -> None:
        admin = self._envoy.admin
        waiting.until(
            lambda: not any(admin.statistics(f"^{gauge}$", StatKind.GAUGE).values()),
            seconds=_PATIENCE,
            otherwise=otherwise,
        )

    def _metrics(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for kind in StatKind:
            found |= self._envoy.admin.statistics(_METRICS, kind)
        return {name.removeprefix(_PREFIX): value for name, value in found.items()}

    def _served(self) -> list[Entry]:
        main = self._envoy.main_thread
        return [each for each in self._envoy.entries() if each.thread != main]


def _calls(entries: list[Entry]) -> list[str]:
    return [
        entry.text
        for entry in entries
        if entry.component == "wasm" and entry.text.startswith(_CALLS)
    ]


def _logs(case: Case, entries: list[Entry]) -> tuple[LogLine, ...]:
    prefixes = [
        prefix
        for number, plugin in enumerate(case.filters)
        for prefix in logs.Identity(
            name=plugin.name or str(number), root_id=plugin.root_id, vm_id=case.vm_id(plugin)
        ).prefixes
    ]
    prefixes.append("wasm log: ")  # of the VM itself
    found = []
    for entry in entries:
        prefix = next((each for each in prefixes if entry.text.startswith(each)), None)
        if prefix and entry.component == "wasm":
            line = LogLine(level=entry.level, text=entry.text.removeprefix(prefix))
            found.append(normalised.log(line))
    return tuple(found)


def _trap(entries: list[Entry]) -> str | None:
    found = logs.trap(entries)
    return f"{found.kind} in {found.callback}" if found else None


def _side(received: Received) -> Side:
    return Side(message=normalised.message(received.message), complete=received.complete)


def _rule_of(exchange: Exchange) -> Rule:
    """Return what the origin does with this request among others, by its path."""
    path = exchange.request.values(b":path")[0]
    return Rule(script=_script(exchange.reply), when=((b":path", path),))


def _script(outcome: Outcome) -> Script:
    delay = outcome.delay / 1e9
    match outcome.failure:
        case Failure.RESET if outcome.message:
            return scripts.reset_after(outcome.message, gap=0.02)
        case Failure.RESET:
            return scripts.reset(delay=delay)
        case Failure.TIMEOUT:
            return scripts.silence()
        case _:
            assert outcome.message
            return scripts.reply(outcome.message, delay=delay)


def _listener(case: Case, folder: Path) -> bootstrap.Json:
    listener: Any = bootstrap.listener(
        case.key,
        [_settings(case, each, at, folder) for at, each in enumerate(case.filters)],
        ORIGIN,
    )
    (manager,) = listener["filter_chains"][0]["filters"]
    filters = manager["typed_config"]["http_filters"]
    for plugin, written in zip(case.filters, filters, strict=False):
        _complete(plugin, written["typed_config"]["config"])
    if case.limit is not None:
        # Of HTTP/2, the window of a stream is the limit, not the listener's.
        window = {"initial_stream_window_size": case.limit}
        manager["typed_config"]["http2_protocol_options"] = window
    found: Mapping[str, object] = listener
    return dict(found)


def _settings(case: Case, plugin: Filter, at: int, folder: Path) -> PluginSettings:
    code = folder / f"{hashlib.sha256(plugin.code).hexdigest()}.wasm"
    if not code.exists():
        files.write(code, plugin.code)
    return PluginSettings(
        name=plugin.name or str(at),
        code=code,
        configuration=plugin.configuration,
        root_id=plugin.root_id,
        vm_id=case.vm_id(plugin),
        environment=plugin.environment,
        capabilities=plugin.capabilities,
    )


def _complete(plugin: Filter, config: Any) -> None:  # noqa: ANN401 - Envoy's
    """Add what wasmctl itself never says to Envoy."""
    if plugin.fail_open:
        config["fail_open"] = True
    if plugin.failure_policy:
        config["failure_policy"] = plugin.failure_policy
    if plugin.allow_on_headers_stop_iteration:
        config["allow_on_headers_stop_iteration"] = True
    if plugin.vm_configuration:
        config["vm_config"]["configuration"] = {
            "@type": "type.googleapis.com/google.protobuf.StringValue",
            "value": plugin.vm_configuration.decode(),
        }
