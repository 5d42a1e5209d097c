import json
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.envoy import plugins
from wasmctl import processes
from wasmctl.envoy import bootstrap, locate
from wasmctl.envoy.bootstrap import Cluster, PluginSettings
from wasmctl.envoy.engines.base import TcpAddress

_PLUGIN = PluginSettings(name="p", code=Path("/p.wasm"))


def _wasm(listener: bootstrap.Json) -> dict[str, Any]:
    """Return the first plugin's ``PluginConfig``, as Envoy will read it."""
    read = json.loads(bootstrap.encoded(listener))
    manager = read["filter_chains"][0]["filters"][0]["typed_config"]
    found: dict[str, Any] = manager["http_filters"][0]["typed_config"]["config"]
    return found


def test_a_configuration_travels_as_a_string() -> None:
    settings = PluginSettings(name="p", code=Path("/p.wasm"), configuration=b'{"a": "\xc3\xa4"}')

    config = _wasm(bootstrap.listener("l", [settings], "upstream"))

    assert config["configuration"] == {
        "@type": "type.googleapis.com/google.protobuf.StringValue",
        "value": '{"a": "ä"}',
    }


def test_a_configuration_that_is_no_text_travels_as_bytes() -> None:
    settings = PluginSettings(name="p", code=Path("/p.wasm"), configuration=b"\xff\x00")

    config = _wasm(bootstrap.listener("l", [settings], "upstream"))

    assert config["configuration"] == {
        "@type": "type.googleapis.com/google.protobuf.BytesValue",
        "value": "/wA=",
    }


@given(st.binary())
def test_every_configuration_can_be_written(configuration: bytes) -> None:
    settings = PluginSettings(name="p", code=Path("/p.wasm"), configuration=configuration)

    assert _wasm(bootstrap.listener("l", [settings], "upstream"))["configuration"]


def test_capabilities_are_limited_only_where_that_is_said() -> None:
    limited = PluginSettings(name="p", code=Path("/p.wasm"), capabilities=frozenset({"fd_write"}))

    vms = [
        _wasm(bootstrap.listener("l", [settings], "c"))["vm_config"]
        for settings in (limited, _PLUGIN)
    ]

    restrictions = [vm.get("capability_restriction_config") for vm in vms]
    assert restrictions == [{"allowed_capabilities": {"fd_write": {}}}, None]


def test_plugins_stand_in_the_chain_in_their_order_and_the_router_is_last() -> None:
    second = PluginSettings(name="q", code=Path("/q.wasm"))

    written = json.loads(bootstrap.encoded(bootstrap.listener("l", [_PLUGIN, second], "c")))

    filters = written["filter_chains"][0]["filters"][0]["typed_config"]["http_filters"]
    assert [entry["name"] for entry in filters] == ["p", "q", "router"]


def test_every_address_is_loopback_on_a_port_the_system_chooses() -> None:
    written = bootstrap.encoded(
        bootstrap.bootstrap([Cluster(name="c", port=7)], "/l", TcpAddress(port=0))
    )
    listener = bootstrap.encoded(bootstrap.listener("l", [_PLUGIN], "c"))

    read = json.loads(written)
    assert read["admin"]["address"]["socket_address"] == {"address": "127.0.0.1", "port_value": 0}
    assert json.loads(listener)["address"] == read["admin"]["address"]


def test_envoy_accepts_what_is_written(tmp_path: Path) -> None:
    module = tmp_path / "p.wasm"
    module.write_bytes(plugins.plugin().content)
    settings = PluginSettings(
        name="p",
        code=module,
        configuration=b"c",
        root_id="r",
        vm_id="v",
        environment={"KEY": "value"},
    )
    whole = bootstrap.bootstrap([Cluster(name="c", port=7)], "/l", TcpAddress(port=0))
    # In static form, so that it is checked at once and not when it is discovered.
    del whole["dynamic_resources"]
    listener = bootstrap.listener("l", [settings], "c")
    del listener["@type"]
    static = {"listeners": [listener]} | json.loads(bootstrap.encoded(whole))["static_resources"]
    file = tmp_path / "bootstrap.json"
    file.write_bytes(bootstrap.encoded(whole | {"static_resources": static}))

    done = processes.run([locate.locate(), "--mode", "validate", "-c", file])

    assert done.exit_code == 0, done.output
