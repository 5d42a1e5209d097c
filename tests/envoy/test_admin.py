import socket
from collections.abc import Iterator

import pytest

from wasmctl.envoy import engines, launch
from wasmctl.envoy.admin import Admin, StatKind
from wasmctl.envoy.engines.base import TcpAddress
from wasmctl.envoy.launch import Envoy
from wasmctl.errors import EnvoyFailedError


@pytest.fixture(scope="module")
def envoy() -> Iterator[Envoy]:
    """An Envoy to look at."""
    with launch.launched(engines.choose(), []) as envoy:
        yield envoy


def test_an_envoy_that_runs_is_ready(envoy: Envoy) -> None:
    assert envoy.admin.is_ready()


def test_statistics_come_by_kind(envoy: Envoy) -> None:
    counters = envoy.admin.statistics(r"^server\.", StatKind.COUNTER)
    gauges = envoy.admin.statistics(r"^server\.", StatKind.GAUGE)

    assert "server.main_thread.watchdog_miss" in counters
    assert gauges["server.concurrency"] == 1
    assert not counters.keys() & gauges.keys()


def test_an_envoy_without_listeners_has_no_ports(envoy: Envoy) -> None:
    assert envoy.admin.ports() == {}


def test_a_proxy_in_the_environment_is_not_asked(
    envoy: Envoy, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    assert envoy.admin.is_ready()


def test_an_admin_interface_that_does_not_answer_is_the_owners_error() -> None:
    error = EnvoyFailedError("Envoy died", hint="")
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        admin = Admin(TcpAddress(port=port), lost=lambda _met: error)

        with pytest.raises(EnvoyFailedError, match="Envoy died"):
            admin.is_ready()
