from pathlib import Path

import pytest

from tests.envoy import plugins
from wasmctl.envoy import bootstrap
from wasmctl.envoy.admin import StatKind
from wasmctl.envoy.bootstrap import PluginSettings
from wasmctl.envoy.launch import Envoy


def _listener(name: str, code: Path) -> bootstrap.Json:
    settings = PluginSettings(name=name, code=code)
    return bootstrap.listener(name, [settings], "upstream")


@pytest.fixture
def module(tmp_path: Path) -> Path:
    """A plugin that sets a metric when it starts."""
    define = """(drop (call $define (i32.const 1) (i32.const 176) (i32.const 5) (i32.const 64)))
        (drop (call $record (i32.load (i32.const 64)) (i64.const 7)))"""
    file = tmp_path / "p.wasm"
    file.write_bytes(plugins.plugin(configure=define + plugins.TRUE).content)
    return file


def test_a_listener_gets_a_port_while_it_is_offered(envoy: Envoy, module: Path) -> None:
    port = envoy.listeners.offer(_listener("one", module))

    assert envoy.admin.ports() == {"one": port}
    envoy.listeners.withdraw(seconds=30)
    assert envoy.admin.ports() == {}


def test_a_withdrawn_listener_takes_its_metrics_along(envoy: Envoy, module: Path) -> None:
    envoy.listeners.offer(_listener("two", module))
    before = envoy.admin.statistics("^wasmcustom", StatKind.GAUGE)

    envoy.listeners.withdraw(seconds=30)

    assert before == {"wasmcustom.gauge": 7}
    assert envoy.admin.statistics("^wasmcustom", StatKind.GAUGE) == {}


def test_a_refused_listener_does_not_hinder_the_next(
    envoy: Envoy, module: Path, tmp_path: Path
) -> None:
    refuses = tmp_path / "refuses.wasm"
    refuses.write_bytes(plugins.plugin(configure=plugins.FALSE).content)

    refused = envoy.listeners.offer(_listener("three", refuses))
    taken = envoy.listeners.offer(_listener("four", module))

    assert refused is None
    assert taken
    envoy.listeners.withdraw(seconds=30)
