import json
from pathlib import Path
from typing import Any

import pytest

from tests.envoy.plugins import CONTINUE, plugin
from wasmctl import processes
from wasmctl.envoy import bootstrap, locate, proxy
from wasmctl.envoy.clusters import Protocol, Server
from wasmctl.envoy.engines.base import TcpAddress, UnixAddress
from wasmctl.envoy.plugin_config import FailurePolicy, Kind, PluginSettings, RemoteCode
from wasmctl.envoy.proxy import Placed, Proxy

_ANY = TcpAddress(port=0)


def written(found: Proxy) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(bootstrap.encoded(proxy.bootstrap(found)))
    return read


def placed(kind: Kind) -> Placed:
    return Placed(settings=PluginSettings(name="p", code=Path("/p.wasm")), kind=kind)


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("policy", [None, *FailurePolicy])
def test_envoy_takes_a_plugin_of_every_kind(
    kind: Kind, policy: FailurePolicy | None, tmp_path: Path
) -> None:
    module = tmp_path / "p.wasm"
    module.write_bytes(plugin(request_headers=CONTINUE).content)
    settings = PluginSettings(name="p", code=module, failure_policy=policy)
    found = Proxy(listen=_ANY, admin=_ANY, plugins=[Placed(settings=settings, kind=kind)])
    file = tmp_path / "bootstrap.json"
    file.write_text(json.dumps(written(found)))

    done = processes.run([locate.locate(), "--mode", "validate", "-c", file])

    assert done.exit_code == 0, done.output


def test_envoy_takes_upstreams_of_every_protocol(tmp_path: Path) -> None:
    servers = [
        Server(name="one", address=TcpAddress(host="example.test", port=1)),
        Server(name="two", address=TcpAddress(port=2), protocol=Protocol.HTTP2),
        Server(name="tcp", address=TcpAddress(port=3), protocol=Protocol.TCP),
        Server(name="unix", address=UnixAddress(path="/s")),
        Server(name="tls", address=TcpAddress(port=4), trusted=_authorities(), sni="example.test"),
    ]
    found = Proxy(listen=_ANY, admin=_ANY, upstream=servers[0], others=servers[1:])
    file = tmp_path / "bootstrap.json"
    file.write_text(json.dumps(written(found)))

    done = processes.run([locate.locate(), "--mode", "validate", "-c", file])

    assert done.exit_code == 0, done.output


def _authorities() -> str:
    return "/etc/ssl/certs/ca-certificates.crt"


def test_plugins_of_one_kind_keep_their_order() -> None:
    names = [
        Placed(settings=PluginSettings(name=name, code=Path("/p.wasm"))) for name in ("b", "a")
    ]

    read = written(Proxy(listen=_ANY, admin=_ANY, plugins=names))

    manager = read["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]
    filters = manager["typed_config"]["http_filters"]
    assert [entry["name"] for entry in filters] == ["b", "a", "router"]


def test_only_network_plugins_make_a_proxy_of_connections() -> None:
    network, http = placed(Kind.NETWORK), placed(Kind.HTTP)

    assert not Proxy(listen=_ANY, admin=_ANY, plugins=[network]).is_http
    assert Proxy(listen=_ANY, admin=_ANY, plugins=[network, http]).is_http
    assert Proxy(listen=_ANY, admin=_ANY, plugins=[placed(Kind.SERVICE)]).is_http


def test_a_server_with_a_name_is_asked_by_that_name() -> None:
    named = Server(name="up", address=TcpAddress(port=80), host="example.test")
    here = Server(name="up", address=TcpAddress(port=80))

    rewritten = [
        '"host_rewrite_literal": "example.test"' in json.dumps(written(_to(one)))
        for one in (named, here)
    ]

    assert rewritten == [True, False]


def _to(server: Server) -> Proxy:
    return Proxy(listen=_ANY, admin=_ANY, upstream=server)


def test_an_upstream_that_is_named_leaves_no_echo() -> None:
    read = written(_to(Server(name="up", address=TcpAddress(port=80))))

    assert [one["name"] for one in read["static_resources"]["listeners"]] == ["main"]
    assert read["bootstrap_extensions"] == []


def test_code_from_a_server_has_its_digest() -> None:
    code = RemoteCode(url="http://127.0.0.1:1/p", cluster="code", sha256="ab")

    text = json.dumps(
        written(
            Proxy(
                listen=_ANY,
                admin=_ANY,
                plugins=[Placed(settings=PluginSettings(name="p", code=code))],
            )
        )
    )

    assert '"sha256": "ab"' in text


def test_a_discovered_plugin_stands_in_a_file_of_its_own() -> None:
    one = Placed(settings=PluginSettings(name="p", code=Path("/p.wasm")), discovery="/d.json")

    whole = json.dumps(written(Proxy(listen=_ANY, admin=_ANY, plugins=[one])))
    resource = json.dumps(proxy.discovered(one, "v1"))

    assert "/d.json" in whole
    assert "/p.wasm" not in whole
    assert "/p.wasm" in resource
