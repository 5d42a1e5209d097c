"""Chains: the order of plugins, those that share a machine, those that never see a request."""

import dataclasses

from tests.host.chains import named
from tests.host.plugins import OUT, VALUE, Statement, plugin
from tests.host.texts import texts
from wasmctl import messages
from wasmctl.host import Host, PluginSettings

POST = messages.request("/", method="POST", chunks=(b"a",))
REPLY = messages.response(chunks=(b"b",))
DENY: Statement = ("proxy_send_local_response", 403, b"", b"no", b"", -1)
ID = "(call $tell (local.get 0))"


def from_the_first_stream(host: Host) -> list[str]:
    """Leave out what was said at the start."""
    said = texts(host)
    return said[said.index("a.request_headers") :]


def test_requests_go_forth_responses_back_and_streams_end_in_order() -> None:
    with Host.chain([named("a"), named("b")]) as host:
        host.http(POST, REPLY)

        said = [each for each in from_the_first_stream(host) if "create" not in each]

    assert said == [
        *("a.request_headers", "b.request_headers", "a.request_body", "b.request_body"),
        *("b.response_headers", "a.response_headers", "b.response_body", "a.response_body"),
        *("a.log", "b.log", "a.done", "a.delete", "b.done", "b.delete"),
    ]


def test_plugins_start_in_order_and_end_in_reverse() -> None:
    host = Host.chain([named("a"), named("b")])
    host.close()

    assert texts(host) == [
        *("a.context_create", "a.vm_start", "a.configure"),
        *("b.context_create", "b.vm_start", "b.configure"),
        *("b.done", "b.delete", "a.done", "a.delete"),
    ]


def test_a_plugin_behind_a_local_reply_never_sees_the_stream_but_logs_it() -> None:
    with Host.chain([named("a", {"request_headers": [DENY]}), named("b")]) as host:
        exchange = host.http(POST)

        said = from_the_first_stream(host)

    assert exchange.client
    assert exchange.client.status == 403
    assert said == [
        *("a.request_headers", "a.response_headers", "a.response_body"),
        *("a.log", "b.context_create", "b.log", "a.done", "a.delete", "b.done", "b.delete"),
    ]


def test_a_local_reply_of_the_second_plugin_passes_the_first() -> None:
    with Host.chain([named("a"), named("b", {"request_body": [DENY]})]) as host:
        host.http(POST)

        said = [each for each in from_the_first_stream(host) if "response" in each]

    assert said == [
        "b.response_headers",
        "a.response_headers",
        "b.response_body",
        "a.response_body",
    ]


def test_a_body_that_the_first_plugin_buffers_reaches_the_second_in_one() -> None:
    tell = "(call $tell (local.get 1))"
    first = PluginSettings(
        plugin=plugin({"request_body": []}, returns={"request_body": 1}), name="first"
    )
    counting = PluginSettings(plugin=plugin({"request_body": [tell]}), name="second")
    resume = PluginSettings(
        plugin=plugin(
            {"request_body": ["(if (i32.eqz (local.get 2)) (then (return (i32.const 1))))", tell]}
        ),
        name="third",
    )
    request = messages.request("/", method="POST", chunks=(b"aa", b"b"))
    with Host.chain([resume, counting]) as host:
        exchange = host.http(request)

        assert texts(host) == ["03", "03"]
    with Host.chain([first, counting]) as host:
        host.http(request)

        assert texts(host) == []
    assert exchange.upstream
    assert exchange.upstream.body == b"aab"


def test_plugins_of_one_vm_share_its_memory_and_count_contexts_together() -> None:
    code = plugin({"context_create": [ID]})
    one = PluginSettings(plugin=code, name="one", vm_id="v")
    with Host.chain([one, dataclasses.replace(one, name="two")]) as host:
        host.http(POST)

        assert texts(host) == ["01", "02", "03", "04"]


def test_the_same_plugin_twice_shares_its_root_context() -> None:
    code = plugin({"context_create": [ID], "configure": [("proxy_log", 2, b"configure")]})
    one = PluginSettings(plugin=code, vm_id="v")
    with Host.chain([one, one]) as host:
        host.http(POST)

        assert texts(host) == ["01", "configure", "02", "03"]


def test_another_environment_is_another_vm() -> None:
    code = plugin({"context_create": [ID]})
    one = PluginSettings(plugin=code, name="one")
    with Host.chain([one, dataclasses.replace(one, environment={"A": "b"})]) as host:
        assert texts(host) == ["01", "01"]


def test_a_plugin_acts_on_the_stream_of_another_in_its_vm() -> None:
    # The second plugin's stream is context 4, that of the first 3, whose headers are held.
    code = plugin(
        {
            "request_headers": [
                "(if (i32.eq (local.get 0) (i32.const 4)) (then",
                ("proxy_set_effective_context", 3),
                ("?proxy_get_header_map_value", 0, b":path", *OUT),
                ("proxy_set_effective_context", 99),
                "))",
            ]
        }
    )
    one = PluginSettings(plugin=code, name="one", vm_id="v")
    with Host.chain([one, dataclasses.replace(one, name="two")]) as host:
        host.http(POST)

        assert texts(host) == ["02"]


def test_properties_tell_plugins_of_a_vm_apart() -> None:
    read: list[Statement] = [("proxy_get_property", b"plugin_name", *OUT), VALUE]
    one = PluginSettings(plugin=plugin({"configure": read}), name="one", vm_id="v")
    with Host.chain([one, dataclasses.replace(one, name="two")]) as host:
        assert texts(host) == ["one", "two"]
