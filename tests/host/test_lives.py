"""The lives of plugins: rehearsals, new configurations, new machines, ends that take time."""

import pytest

from tests.host.chains import named
from tests.host.conftest import Start
from tests.host.plugins import OUT, VALUE, Statement, plugin
from tests.host.texts import texts
from wasmctl import messages
from wasmctl.host import Host, LoadError, PluginSettings

GET = messages.request("/")
GAUGE = 1
READ: list[Statement] = [("proxy_get_buffer_bytes", 7, 0, 9, *OUT), VALUE]
ID = "(call $tell (local.get 0))"


def test_what_a_start_counts_is_counted_thrice(start: Start) -> None:
    calls: list[Statement] = [
        ("proxy_define_metric", GAUGE, b"m", 16),
        ("proxy_increment_metric", 5, 1),
    ]
    host = start(plugin({"configure": [*calls, ("proxy_log", 2, b"once")]}))

    assert host.metrics == {"m": 3}
    assert texts(host) == ["once"]


def test_what_a_start_shares_was_shared_twice_before(start: Start) -> None:
    calls: list[Statement] = [
        ("proxy_get_shared_data", b"k", *OUT, 24),
        "(call $tell (i32.load (i32.const 24)))",
        ("proxy_set_shared_data", b"k", b"v", 0),
    ]
    host = start(plugin({"configure": calls}))

    assert texts(host) == ["02"]


def test_a_new_configuration_gets_a_new_root_in_the_same_machine(start: Start) -> None:
    host = start(
        plugin({"context_create": [ID], "configure": READ, "done": [ID], "delete": [ID]}),
        configuration=b"old",
        name="p",
    )

    host.reconfigure("p", b"new")

    assert texts(host) == ["01", "old", "02", "new", "01", "01"]


def test_an_old_root_lives_as_long_as_its_streams(start: Start) -> None:
    host = start(plugin({"delete": [ID]}), name="p")
    stream = host.send(GET)

    host.reconfigure("p", b"new")
    before = texts(host)
    stream.cancel()

    assert before == []
    assert texts(host) == ["02", "01"]


def test_a_refused_configuration_changes_nothing(start: Start) -> None:
    code = plugin({"configure": ["(return (i32.eqz (local.get 1)))"], "log": [ID]})
    host = start(code, name="p")

    with pytest.raises(LoadError, match="Failed to configure"):
        host.reconfigure("p", b"new")

    assert host.http(GET).client_complete
    assert len(texts(host)) == 1


def test_no_plugin_of_another_name_is_configured(start: Start) -> None:
    host = start(plugin(), name="p")

    with pytest.raises(KeyError):
        host.reconfigure("q", b"")


def test_a_new_machine_counts_contexts_anew() -> None:
    with Host.chain([named("a", {"context_create": [ID]})]) as host:
        host.http(GET)
        host.restart_vm()
        exchange = host.http(GET)

        ids = [text for text in texts(host) if text.isdigit()]

    assert exchange.client_complete
    assert ids == ["01", "02", "01", "02"]


def test_a_plugin_that_waits_ends_with_proxy_done(start: Start) -> None:
    calls: dict[str, list[Statement]] = {
        "request_headers": [("proxy_set_effective_context", 1), ("?proxy_done",)],
        "done": [],
        "delete": [ID],
    }
    code = plugin(calls, returns={"done": 0})
    host = start(code, name="p")
    stream = host.send(GET)
    host.reconfigure("p", b"new")

    stream.cancel()
    while_it_waits = texts(host)
    host.http(GET)

    assert while_it_waits == ["01", "02"]
    assert texts(host) == ["01", "02", "00", "01", "04"]


def test_a_plugin_that_waits_ticks_until_it_is_done(start: Start) -> None:
    calls: dict[str, list[Statement]] = {
        "configure": [("proxy_set_tick_period_milliseconds", 20)],
        "tick": [ID, ("proxy_set_tick_period_milliseconds", 0)],
        "delete": [ID],
    }
    host = start(plugin(calls, returns={"done": 0}), name="p")
    host.reconfigure("p", b"new")

    host.advance(50_000_000)

    assert texts(host) == ["01", "02"]


def test_a_hostcall_that_is_not_among_the_capabilities_is_refused(start: Start) -> None:
    calls: list[Statement] = [("?proxy_add_header_map_value", 0, b"x", b"y")]
    names = {"proxy_log", "proxy_on_request_headers", "proxy_on_log"}
    code = plugin({"request_headers": calls, "response_headers": [ID], "log": [ID]})
    host = start(code, capabilities=frozenset(names))

    exchange = host.http(GET)

    assert exchange.upstream
    assert exchange.upstream.values(b"x") == ()
    assert texts(host) == ["10", "02"]


def test_no_capabilities_at_all_are_all(start: Start) -> None:
    host = start(plugin({"log": [ID]}), capabilities=frozenset())

    host.http(GET)

    assert texts(host) == ["02"]


def test_a_chain_refuses_with_its_first_refusal() -> None:
    refuses = PluginSettings(plugin=plugin({"configure": []}, returns={"configure": 0}))

    with pytest.raises(LoadError):
        Host.chain([named("a"), refuses])
