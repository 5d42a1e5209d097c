"""What becomes of streams when plugins fail: policies, shared machines, streams that wait."""

import dataclasses
from collections.abc import Sequence

import pytest

from tests.host.chains import named
from tests.host.conftest import Start
from tests.host.plugins import FOREVER, UNREACHABLE, Statement, plugin
from tests.host.texts import texts
from wasmctl import messages
from wasmctl.host import FailurePolicy, Hazard, HazardKind, Host, Limits, PluginSettings
from wasmctl.outcomes import HELD
from wasmctl.records import TrapKind

SECOND = 1_000_000_000
GET = messages.request("/")
TRAPS = plugin({"request_headers": [UNREACHABLE]})


def statuses(host: Host, count: int) -> list[int | None]:
    found = [host.http(GET).client for _ in range(count)]
    return [each.status for each in found if each]


@pytest.mark.parametrize(
    ("fail_open", "policy", "expected"),
    [
        (False, FailurePolicy.FAIL_CLOSED, [503, 503]),
        (False, FailurePolicy.FAIL_OPEN, [503, 200]),
        (True, FailurePolicy.FAIL_CLOSED, [200, 200]),
    ],
)
def test_a_policy_decides_what_becomes_of_streams(
    start: Start, *, fail_open: bool, policy: FailurePolicy, expected: list[int]
) -> None:
    host = start(TRAPS, fail_open=fail_open, failure_policy=policy)

    assert statuses(host, 2) == expected


def test_a_plugin_is_started_anew_when_its_backoff_is_over(start: Start) -> None:
    once: list[Statement] = [
        ("proxy_get_shared_data", b"failed", 16, 20, 24),
        "(if (i32.eqz (i32.load (i32.const 20))) (then",
        ("proxy_set_shared_data", b"failed", b"yes", 0),
        "unreachable))",
    ]
    configured: list[Statement] = [("proxy_log", 2, b"configure")]
    host = start(
        plugin({"configure": configured, "request_headers": once}),
        failure_policy=FailurePolicy.FAIL_RELOAD,
        reload_backoff=2 * SECOND,
    )
    host.advance(2 * SECOND - 1)

    early = statuses(host, 2)
    host.advance(1)

    assert early == [503, 503]
    assert statuses(host, 1) == [200]
    assert texts(host) == ["configure", "configure"]


def test_a_trap_fails_all_plugins_of_the_machine() -> None:
    settings = PluginSettings(plugin=TRAPS, vm_id="v", name="one")
    other = dataclasses.replace(settings, name="two", root_id="two")
    with Host.chain([settings, other]) as host:
        first = host.http(GET)

        assert first.details == "wasm_fail_stream"
        assert statuses(host, 1) == [503]


def test_a_trap_leaves_other_machines_alone() -> None:
    with Host.chain([named("a"), named("b", {"request_headers": [UNREACHABLE]})]) as host:
        host.http(GET)

        assert texts(host)[-4:] == ["a.response_headers", "a.log", "a.done", "a.delete"]


def test_streams_in_flight_fail_at_their_next_callback(start: Start) -> None:
    traps: list[Statement] = ["(if (i32.eq (local.get 0) (i32.const 3)) (then unreachable))"]
    host = start(plugin({"request_headers": traps, "response_headers": []}))
    waiting = host.send(GET, HELD)
    host.http(GET)

    waiting.answer_headers(((b":status", b"200"),), ends=True)

    exchange = waiting.exchange()
    assert exchange.client
    assert (exchange.client.status, exchange.details) == (503, "wasm_fail_stream")


def test_a_failure_while_a_stream_waits_is_told(start: Start) -> None:
    calls: dict[str, list[Statement]] = {
        "request_headers": [("proxy_set_tick_period_milliseconds", 1)],
        "tick": [UNREACHABLE],
    }
    host = start(plugin(calls, returns={"request_headers": 1}))

    exchange = host.http(GET)

    assert exchange.client is None
    assert exchange.hazards == (
        Hazard(kind=HazardKind.FAILED_WHILE_PAUSED, callback="proxy_on_tick"),
    )
    assert exchange.paused_at == "proxy_on_request_headers"


def test_each_machine_of_a_chain_has_the_fuel_of_the_limits() -> None:
    loops: dict[str, Sequence[Statement]] = {"request_headers": [FOREVER]}
    with Host.chain([named("a"), named("b", loops)], limits=Limits(fuel=100_000)) as host:
        exchange = host.http(GET)

        assert exchange.trap
        assert exchange.trap.kind is TrapKind.FUEL_LIMIT
        assert texts(host)[-1] == "a.delete"


def test_time_passes_for_all_machines_of_a_chain() -> None:
    limits = Limits(fuel=10**15, seconds=0.05)
    loops: dict[str, Sequence[Statement]] = {"request_headers": [FOREVER]}
    with Host.chain([named("a"), named("b", loops)], limits=limits) as host:
        exchange = host.http(GET)

        assert exchange.trap
        assert exchange.trap.kind is TrapKind.TIME_LIMIT


def test_a_tick_that_does_not_end_is_ended(start: Start) -> None:
    calls: dict[str, list[Statement]] = {
        "configure": [("proxy_set_tick_period_milliseconds", 1)],
        "tick": [FOREVER],
    }
    host = start(plugin(calls), limits=Limits(fuel=100_000))

    host.advance(SECOND)

    assert host.trap
    assert host.trap.kind is TrapKind.FUEL_LIMIT
    assert statuses(host, 1) == [503]
