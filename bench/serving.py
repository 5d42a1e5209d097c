"""Requests per second of the demo plugin: the embedded host on one core, beside a real Envoy."""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import demo
import load
from figures import Figure

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
    headers=((b"user-agent", b"load"), (b"accept", b"*/*"), (b"x-debug", b"1"), (b"x-tag", b"zero")),
)
REPLY = messages.response(200, headers=((b"content-type", b"text/plain"),), chunks=(load.BODY,))


def measure() -> Iterator[Figure]:
    made = project.load(demo.project())
    pairs = []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(ROUNDS):  # in turn, so that noise meets both
            pairs.append((_host_rate(made, Path(folder)), _envoy_rate(made)))
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
        envoy.admin.set_log_level("warning")
        port = envoy.listeners.offer(_listener(made, envoy.folder))
        load_client = [sys.executable, load.__file__, str(port), str(CONNECTIONS), str(SECONDS)]
        return float(subprocess.run(load_client, check=True, capture_output=True).stdout)


def _listener(made: Project, folder: Path) -> bootstrap.Json:
    settings = bootstrap.PluginSettings(
        name="demo",
        code=made.output.resolve(),
        configuration=made.configuration(),
        root_id=made.file.plugin.root_id,
    )
    del folder
    return bootstrap.listener("demo", [settings], "none")
