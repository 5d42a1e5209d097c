from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.envoy import plugins
from wasmctl.envoy import bootstrap, engines, launch
from wasmctl.envoy.admin import StatKind
from wasmctl.envoy.bootstrap import Cluster, PluginSettings
from wasmctl.envoy.launch import Envoy


@pytest.fixture
def envoy() -> Iterator[Envoy]:
    """An Envoy for each test: they look at all the listeners there are."""
    with launch.launched(engines.choose(), [Cluster(name="upstream", port=1)]) as envoy:
        yield envoy


def _listener(name: str, code: Path) -> bootstrap.Json:
    settings = PluginSettings(name=name, code=code, vm_id=name)
    return bootstrap.listener(name, [settings], "upstream")


@pytest.fixture
def module(tmp_path: Path) -> Path:
    """A plugin that sets a metric when it starts."""
    define = """(drop (call $define (i32.const 1) (i32.const 176) (i32.const 5) (i32.const 64)))
        (drop (call $record (i32.load (i32.const 64)) (i64.const 7)))"""
    file = tmp_path / "p.wasm"
    file.write_bytes(plugins.plugin(configure=define + plugins.TRUE).content)
    return file


@pytest.fixture
def refusing(tmp_path: Path) -> Path:
    """A plugin that refuses its configuration."""
    file = tmp_path / "refusing.wasm"
    file.write_bytes(plugins.plugin(configure=plugins.FALSE).content)
    return file


def test_a_listener_gets_a_port_while_it_is_offered(envoy: Envoy, module: Path) -> None:
    port = envoy.listeners.offer(_listener("first", module))

    assert envoy.admin.ports() == {"first": port}
    envoy.listeners.withdraw(seconds=30)
    assert envoy.admin.ports() == {}


def test_a_withdrawn_listener_takes_its_metrics_along(envoy: Envoy, module: Path) -> None:
    envoy.listeners.offer(_listener("first", module))
    before = envoy.admin.statistics("^wasmcustom", StatKind.GAUGE)

    envoy.listeners.withdraw(seconds=30)

    assert before == {"wasmcustom.gauge": 7}
    assert envoy.admin.statistics("^wasmcustom", StatKind.GAUGE) == {}


def test_a_refused_listener_does_not_hinder_the_next(
    envoy: Envoy, module: Path, refusing: Path
) -> None:
    refused = envoy.listeners.offer(_listener("refused", refusing))
    taken = envoy.listeners.offer(_listener("next", module))

    assert refused is None
    assert taken
    envoy.listeners.withdraw(seconds=30)


def test_a_kept_listener_stays_while_others_come_and_go(envoy: Envoy, module: Path) -> None:
    envoy.listeners.offer(_listener("first", module))
    envoy.listeners.keep(_listener("kept", module))

    envoy.listeners.withdraw(seconds=30)
    envoy.listeners.offer(_listener("second", module))

    assert envoy.admin.ports().keys() == {"kept", "second"}
    envoy.listeners.withdraw(seconds=30)
    assert envoy.admin.ports().keys() == {"kept"}


def test_a_refused_listener_is_not_kept(envoy: Envoy, module: Path, refusing: Path) -> None:
    envoy.listeners.offer(_listener("first", module))
    envoy.listeners.keep(_listener("kept", refusing))

    envoy.listeners.withdraw(seconds=30)

    assert envoy.listeners.offer(_listener("second", module))
    envoy.listeners.withdraw(seconds=30)
