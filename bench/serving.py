"""Requests per second of the demo plugin: the embedded host on one core, beside a real Envoy."""

import http.client
import json
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
from wasmctl.envoy import bootstrap, launch, locate
from wasmctl.host import Host
from wasmctl.plugin import open_plugin
from wasmctl.project import Project

ROUNDS = 5
SECONDS = 2.0
CONNECTIONS = 16
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
    made = project.load(demo.project())
    with tempfile.TemporaryDirectory() as folder:
        # In turn, so that noise meets both.
        pairs = [(_host_rate(made, Path(folder)), _envoy_rate(made)) for _ in range(ROUNDS)]
    host = statistics.median(rate for rate, _ in pairs)
    envoy = statistics.median(rate for _, rate in pairs)
    yield Figure(
        what="the demo plugin on the embedded host",
        value=host,
        unit="req/s",
        beside="in Envoy, one worker, direct response",
        other=envoy,
    )


def _host_rate(made: Project, cache: Path) -> float:
    plugin = open_plugin(made.output)
    with Host.start(
        plugin,
        configuration=made.configuration(),
        root_id=made.file.plugin.root_id,
        cache=cache,
    ) as host:
        done, begun = 0, time.perf_counter()
        while time.perf_counter() - begun < SECONDS:
            for _ in range(100):
                host.http(REQUEST, reply=REPLY)
            done += 100
        return done / (time.perf_counter() - begun)


def _envoy_rate(made: Project) -> float:
    """Return the rate of an Envoy that answers by itself, its log at the default level."""
    with launch.launched(locate.locate(), []) as envoy:
        _quieten(envoy)
        port = envoy.listeners.offer(_listener(made))
        load_client = [sys.executable, load.__file__, str(port), str(CONNECTIONS), str(SECONDS)]
        return float(subprocess.run(load_client, check=True, capture_output=True).stdout)


def _quieten(envoy: launch.Envoy) -> None:
    """Set the log level that Envoy has by default; the tests' own shows every hostcall."""
    address = (envoy.folder / "admin-address").read_text().strip()
    admin = http.client.HTTPConnection(address)
    admin.request("POST", "/logging?level=warning")
    admin.getresponse().read()
    admin.close()


def _listener(made: Project) -> bootstrap.Json:
    settings = bootstrap.PluginSettings(
        name="demo",
        code=made.output.resolve(),
        configuration=made.configuration(),
        root_id=made.file.plugin.root_id,
    )
    listener = bootstrap.listener("demo", [settings], "none")
    return _answering(listener)


def _answering(listener: bootstrap.Json) -> bootstrap.Json:
    """Let Envoy answer by itself, which spares it the upstream and is its fastest case."""
    text = json.dumps(listener)
    route = json.dumps({"cluster": "none"})
    body = {"inline_string": load.BODY.decode()}
    direct = json.dumps({"status": 200, "body": body})
    found: bootstrap.Json = json.loads(
        text.replace(f'"route": {route}', f'"direct_response": {direct}')
    )
    return found
