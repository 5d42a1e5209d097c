"""Requests a header plugin serves in a second of one core: the embedded host beside a real Envoy.

CPU seconds are counted, not wall seconds: neither the load client, nor the upstream, nor whatever
else the machine does changes the figures. Envoy logs at its default level.
"""

import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench import demo, load
from bench.figures import Figure
from wasmctl import messages, project
from wasmctl.envoy import bootstrap, engines, launch
from wasmctl.envoy.bootstrap import Cluster, Json
from wasmctl.host import Host
from wasmctl.plugin import open_plugin
from wasmctl.project import Project

ROUNDS = 5
SECONDS = 2.0
CONNECTIONS = 16
UPSTREAM = "upstream"
# What the load client sends, as the plugin sees it behind Envoy.
REQUEST = messages.request(
    "/hello",
    headers=(
        (b"user-agent", b"load"),
        (b"accept", b"*/*"),
        (b"x-debug", b"1"),
        (b"x-tag", b"zero"),
    ),
)
REPLY = messages.response(200, headers=((b"content-type", b"text/plain"),), chunks=(load.BODY,))


def measure() -> Iterator[Figure]:
    for language in demo.languages():
        yield from _serves(language)


def _serves(language: str) -> Iterator[Figure]:
    made = project.load(demo.project(language))
    with (
        tempfile.TemporaryDirectory() as folder,
        launch.launched(engines.choose(), []) as answering,
    ):
        port = answering.listeners.offer(_direct(bootstrap.listener("answers", [], UPSTREAM)))
        cluster = Cluster(name=UPSTREAM, port=port or 0)
        # In turn, so that noise meets all.
        rounds = [
            (_host(made, Path(folder)), _proxying(made, cluster), _answering(made))
            for _ in range(ROUNDS)
        ]
    host, proxying, direct = (statistics.median(rates) for rates in zip(*rounds, strict=True))
    what = f"header plugin in {language} on the embedded host"
    yield _figure(what, host, "Envoy, to an upstream", proxying)
    yield _figure(what, host, "Envoy, answering itself", direct)


def _figure(what: str, value: float, beside: str, other: float) -> Figure:
    return Figure(what=what, value=value, unit="req/s", beside=beside, other=other)


def _host(made: Project, cache: Path) -> float:
    plugin = open_plugin(made.output)
    root_id, configuration = made.file.plugin.root_id, made.configuration()
    with Host.start(plugin, configuration=configuration, root_id=root_id, cache=cache) as host:
        done, begun = 0, time.process_time()
        while time.process_time() - begun < SECONDS:
            host.http(REQUEST, reply=REPLY)
            done += 1
        return done / (time.process_time() - begun)


def _proxying(made: Project, upstream: Cluster) -> float:
    with launch.launched(engines.choose(), [upstream]) as envoy:
        return _rate(envoy, bootstrap.listener("demo", [_settings(made)], UPSTREAM))


def _answering(made: Project) -> float:
    with launch.launched(engines.choose(), []) as envoy:
        return _rate(envoy, _direct(bootstrap.listener("demo", [_settings(made)], UPSTREAM)))


def _rate(envoy: launch.Envoy, listener: Json) -> float:
    """Return the requests that Envoy served for each second of CPU it used."""
    _quieten(envoy)
    port = envoy.listeners.offer(listener)
    client = [sys.executable, load.__file__, str(port), str(CONNECTIONS), str(SECONDS)]
    begun = _cpu_seconds(envoy.main_thread)
    served = float(subprocess.run(client, check=True, capture_output=True).stdout) * SECONDS
    return served / (_cpu_seconds(envoy.main_thread) - begun)


def _cpu_seconds(pid: int) -> float:
    """Return what a process has used, in the system and outside (proc(5), fields 14 and 15)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _quieten(envoy: launch.Envoy) -> None:
    """Set the log level that Envoy has by default; the tests' own shows every hostcall."""
    address = (envoy.folder / "admin-address").read_text().strip()
    admin = http.client.HTTPConnection(address)
    admin.request("POST", "/logging?level=warning")
    admin.getresponse().read()
    admin.close()


def _settings(made: Project) -> bootstrap.PluginSettings:
    return bootstrap.PluginSettings(
        name="demo",
        code=made.output.resolve(),
        configuration=made.configuration(),
        root_id=made.file.plugin.root_id,
    )


def _direct(listener: Json) -> Json:
    """Let Envoy answer by itself, which spares it the upstream: its fastest case."""
    route = json.dumps({"cluster": UPSTREAM})
    direct = json.dumps({"status": 200, "body": {"inline_string": load.BODY.decode()}})
    changed = json.dumps(listener).replace(f'"route": {route}', f'"direct_response": {direct}')
    found: Json = json.loads(changed)
    return found
