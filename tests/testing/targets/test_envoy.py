from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.envoy.plugins import ADD_HEADER, CONTINUE, FALSE, SAY, TRUE, plugin
from tests.testing.targets.playing import exchange, setup_of
from wasmctl import messages
from wasmctl.abi.types import LogLevel
from wasmctl.errors import EnvironmentMissingError, EnvoyFailedError
from wasmctl.messages import Message
from wasmctl.plugin import Plugin
from wasmctl.records import LogLine, TrapKind
from wasmctl.testing.observation import Observation
from wasmctl.testing.targets.base import PluginSetup, Setup, Stage
from wasmctl.testing.targets.envoy import EnvoyTarget

_REQUEST = messages.request("/")
_REPLY = messages.response(200)
_HEADER = (b"x-plugin", b"here")
_CRASH = "(drop (call $continue (i32.const 1)))"


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """A stage that the tests of this file share."""
    with EnvoyTarget().stage([]) as stage:
        yield stage


def _observed(
    stage: Stage,
    tested: Plugin,
    *requests: Message,
    reply: Message = _REPLY,
    root_id: str = "",
    vm_id: str = "",
) -> Observation:
    setup = Setup(key="test", plugins=(PluginSetup(plugin=tested, root_id=root_id, vm_id=vm_id),))
    with stage.session(setup) as session:
        for request in requests:
            exchange(session, request, reply)
        return session.observation()


def test_the_upstream_and_the_client_see_what_the_plugin_did(stage: Stage) -> None:
    tested = plugin(
        request_headers=ADD_HEADER.format(map=0) + CONTINUE,
        response_headers=ADD_HEADER.format(map=2) + CONTINUE,
    )

    seen = _observed(stage, tested, _REQUEST)

    assert seen.configured
    assert seen.upstream[0].message.headers == (
        *_REQUEST.headers,
        (b"x-forwarded-proto", b"http"),
        _HEADER,
    )
    assert seen.client
    assert seen.client.message.headers[:2] == (*_REPLY.headers, _HEADER)
    assert seen.client.complete


def test_bodies_and_trailers_pass_byte_for_byte(stage: Stage) -> None:
    trailers = ((b"x-sum", b"\xff"),)
    request = messages.request("/", method="POST", chunks=(b"a", b"\xff"), trailers=trailers)
    reply = messages.response(
        200, headers=((b"x", b"\xfe"),), chunks=(b"1", b"2"), trailers=trailers
    )

    seen = _observed(stage, plugin(), request, reply=reply)

    upstream = seen.upstream[0].message
    assert (upstream.body, upstream.trailers) == (b"a\xff", trailers)
    assert seen.client
    assert seen.client.message.chunks == (b"1", b"2")
    assert seen.client.message.trailers == trailers
    assert seen.client.message.values(b"x") == (b"\xfe",)


def test_each_chunk_is_one_call_of_the_plugin(stage: Stage) -> None:
    tested = plugin(request_body=SAY + CONTINUE)
    request = messages.request("/", method="POST", chunks=(b"a", b"b", b"c"))

    seen = _observed(stage, tested, request)

    assert len(seen.logs) == 3


def test_several_requests_are_seen_in_order(stage: Stage) -> None:
    requests = [messages.request(f"/{number}") for number in range(3)]

    seen = _observed(stage, plugin(), *requests)

    assert [entry.message.values(b":path") for entry in seen.upstream] == [
        (b"/0",),
        (b"/1",),
        (b"/2",),
    ]


def test_messages_are_those_of_one_vm_with_their_levels(stage: Stage) -> None:
    say_all = "".join(f"(call $say (i32.const {level}))" for level in LogLevel)
    tested = plugin(configure=say_all + TRUE)

    seen = _observed(stage, tested)

    assert seen.logs == tuple(LogLine(level=level, text="text") for level in LogLevel)


def test_a_write_to_an_output_is_a_message(stage: Stage) -> None:
    write = "(drop (call $write (i32.const {fd}) (i32.const 0) (i32.const 1) (i32.const 64)))"
    tested = plugin(configure=write.format(fd=1) + write.format(fd=2) + TRUE)

    seen = _observed(stage, tested)

    assert seen.logs == (
        LogLine(level=LogLevel.INFO, text="text"),
        LogLine(level=LogLevel.ERROR, text="text"),
    )


@pytest.mark.parametrize("callback", ["log", "delete"])
def test_the_last_words_of_a_stream_are_seen(stage: Stage, callback: str) -> None:
    tested = plugin(**{callback: SAY})

    seen = _observed(stage, tested, _REQUEST)

    assert [line.text for line in seen.logs] == ["text"]


@pytest.mark.parametrize(("root_id", "vm_id"), [("", ""), ("a root", ""), ("", "v"), ("r", "v")])
def test_messages_are_found_whatever_the_plugin_is_called(
    stage: Stage, root_id: str, vm_id: str
) -> None:
    tested = plugin(configure=SAY + TRUE, request_headers=SAY + CONTINUE)

    seen = _observed(stage, tested, _REQUEST, root_id=root_id, vm_id=vm_id)

    assert [line.text for line in seen.logs] == ["text", "text"]


def _counting() -> Plugin:
    """Return a plugin that sets a gauge and counts 3 when it starts, and 1 at each request."""
    define = "(drop (call $define (i32.const {kind}) (i32.const {name}) (i32.const {size}) {to}))"
    start = (
        define.format(kind=1, name=176, size=5, to="(i32.const 64)")
        + define.format(kind=0, name=192, size=7, to="(i32.const 68)")
        + "(drop (call $record (i32.load (i32.const 64)) (i64.const 7)))"
        + "(drop (call $increment (i32.load (i32.const 68)) (i64.const 3)))"
    )
    count = "(drop (call $increment (i32.load (i32.const 68)) (i64.const 1)))"
    return plugin(configure=start + TRUE, request_headers=count + CONTINUE)


def test_gauges_are_absolute_and_counters_count_since_the_start(stage: Stage) -> None:
    seen = _observed(stage, _counting(), _REQUEST, _REQUEST)

    assert seen.metrics == {"gauge": 7, "counter": 2}


def test_metrics_end_with_their_session(stage: Stage) -> None:
    _observed(stage, _counting(), _REQUEST)

    seen = _observed(stage, plugin(), _REQUEST)

    assert seen.metrics == {}


def test_tests_that_share_a_module_share_nothing_else() -> None:
    setups = [setup_of(_counting(), f"test-{number}") for number in range(3)]
    seen = []

    with EnvoyTarget().stage(setups) as stage:
        for setup in setups:
            with stage.session(setup) as session:
                exchange(session, _REQUEST)
                seen.append(session.observation().metrics)

    assert seen == [{"gauge": 7, "counter": 1}] * 3


def test_a_configuration_that_the_plugin_refuses_is_no_failure_of_envoy(stage: Stage) -> None:
    tested = plugin(configure="(call $say (i32.const 4))" + FALSE)

    seen = _observed(stage, tested, _REQUEST)

    assert seen.calls[-1] == "[host<-vm] proxy_on_configure return: 0"
    assert replace(seen, calls=()) == Observation(
        configured=False,
        load_error="Failed to configure base Wasm plugin",
        logs=(LogLine(level=LogLevel.ERROR, text="text"),),
    )


def test_a_trap_at_the_start_is_a_refusal(stage: Stage) -> None:
    seen = _observed(stage, plugin(vm_start="(unreachable)"), _REQUEST)

    assert not seen.configured
    assert seen.load_error == (
        "Function: proxy_on_vm_start failed: Uncaught RuntimeError: unreachable"
    )
    assert seen.trap
    assert (seen.trap.kind, seen.trap.callback) == (TrapKind.UNREACHABLE, "proxy_on_vm_start")


def test_a_missing_import_is_a_refusal_that_names_it(stage: Stage) -> None:
    seen = _observed(stage, plugin(imports='(import "env" "proxy_nope" (func))'), _REQUEST)

    assert seen == Observation(
        configured=False,
        load_error="Failed to load Wasm module due to a missing import: env.proxy_nope",
    )


def test_a_wrong_signature_is_a_refusal(stage: Stage) -> None:
    tested = plugin(functions='(func (export "proxy_on_tick"))')

    seen = _observed(stage, tested, _REQUEST)

    assert seen.load_error
    assert seen.load_error.startswith("Bad function signature for: proxy_on_tick")


_RECURSE = (
    "(func $recurse (param i32) (result i32) (i32.add (call $recurse (i32.const 0)) (i32.const 1)))"
)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("(unreachable)", TrapKind.UNREACHABLE),
        ("(i32.load (i32.const -8))", TrapKind.OUT_OF_BOUNDS),
        ("(call $recurse (i32.const 0))", TrapKind.STACK_OVERFLOW),
        ("(i32.div_u (i32.const 1) (i32.load (i32.const 1000)))", TrapKind.DIVIDE_BY_ZERO),
        ("(i32.rem_u (i32.const 1) (i32.load (i32.const 1000)))", TrapKind.DIVIDE_BY_ZERO),
        ("(call_indirect (type $none) (i32.const 0)) (i32.const 0)", TrapKind.INDIRECT_CALL),
        ("(call_indirect (type $none) (i32.const 9)) (i32.const 0)", TrapKind.INDIRECT_CALL),
        ("(i32.trunc_f32_s (f32.const 1e20))", TrapKind.OTHER),
    ],
)
def test_each_kind_of_trap_is_named_and_answered_503(
    stage: Stage, body: str, kind: TrapKind
) -> None:
    tested = plugin(functions=_RECURSE, request_headers=body)

    seen = _observed(stage, tested, _REQUEST)

    assert seen.trap
    assert (seen.trap.kind, seen.trap.callback) == (kind, "proxy_on_request_headers")
    assert seen.trap.backtrace
    assert seen.client
    assert (seen.client.message.status, seen.client.message.body) == (503, b"")
    assert seen.upstream == ()


def test_a_restricted_hostcall_is_a_kind_of_trap(stage: Stage) -> None:
    call = "(drop (call $increment (i32.const 0) (i64.const 1)))"
    tested = plugin(functions=f'(func (export "_initialize") {call})')

    seen = _observed(stage, tested)

    assert seen.trap
    assert (seen.trap.kind, seen.trap.callback) == (TrapKind.RESTRICTED_CALLBACK, "_initialize")


def test_a_plugin_that_pauses_for_ever_gets_no_answer(stage: Stage) -> None:
    seen = _observed(stage, plugin(request_headers="(i32.const 1)", log=SAY), _REQUEST)

    assert seen.client is None
    assert seen.upstream == ()
    assert seen.paused_at == "proxy_on_request_headers"
    assert [line.text for line in seen.logs] == ["text"]


def test_a_plugin_that_holds_the_response_back_gets_no_answer(stage: Stage) -> None:
    seen = _observed(stage, plugin(response_headers="(i32.const 1)"), _REQUEST)

    assert seen.client is None
    assert [entry.complete for entry in seen.upstream] == [True]
    assert seen.paused_at == "proxy_on_response_headers"


def test_a_request_that_never_ends_is_seen_as_incomplete(stage: Stage) -> None:
    # The plugin answers in the body phase: the upstream has seen the headers at most.
    tested = plugin(request_body="(unreachable)")
    request = messages.request("/", method="POST", chunks=(b"a",))

    seen = _observed(stage, tested, request)

    assert all(not entry.complete for entry in seen.upstream)
    assert seen.client
    assert seen.client.message.status == 503


def test_a_death_of_envoy_is_named_and_the_next_session_lives(stage: Stage) -> None:
    crashes = plugin(request_headers=_CRASH + CONTINUE)

    with pytest.raises(EnvoyFailedError, match="Envoy died of SIGSEGV") as caught:
        _observed(stage, crashes, _REQUEST)
    seen = _observed(stage, plugin(), _REQUEST)

    assert "proxy_on_request_headers" in caught.value.message
    assert "[vm->host] env.proxy_continue_stream(1)" in caught.value.details
    assert seen.client
    assert seen.client.message.status == 200


def test_a_death_while_a_plugin_starts_blames_no_callback_before(stage: Stage) -> None:
    _observed(stage, plugin(log=SAY), _REQUEST)
    crashes = plugin(functions="(func $first (call $say (i32.const 2))) (start $first)")

    with pytest.raises(EnvoyFailedError) as caught:
        _observed(stage, crashes)

    assert caught.value.message == "Envoy died of SIGSEGV"


def test_a_plugin_that_does_not_return_is_named() -> None:
    loops = plugin(request_headers="(loop $again (br $again)) (unreachable)")

    with EnvoyTarget(patience=0.5).stage([]) as stage:
        with pytest.raises(EnvoyFailedError, match="last callback was proxy_on_request_headers"):
            _observed(stage, loops, _REQUEST)
        seen = _observed(stage, plugin(), _REQUEST)

    assert seen.client


def test_a_session_that_is_broken_off_leaves_nothing_to_the_next(stage: Stage) -> None:
    setup = setup_of(_counting(), "broken")
    with pytest.raises(ZeroDivisionError), stage.session(setup):
        raise ZeroDivisionError

    seen = _observed(stage, plugin(), _REQUEST)

    assert seen.metrics == {}
    assert seen.client


def test_a_plugin_that_puts_off_its_end_leaves_nothing_to_the_next(stage: Stage) -> None:
    _observed(stage, plugin(done=FALSE, log=SAY), _REQUEST)

    seen = _observed(stage, plugin(), _REQUEST)

    assert seen.logs == ()


def test_a_plugin_that_does_not_end_is_named() -> None:
    loops = plugin(done="(loop $again (br $again)) (unreachable)")

    with EnvoyTarget(patience=0.5).stage([]) as stage:
        with pytest.raises(EnvoyFailedError, match="last callback was proxy_on_done"):
            _observed(stage, loops)
        seen = _observed(stage, plugin(), _REQUEST)

    assert seen.client


def test_a_proxy_in_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    with EnvoyTarget().stage([]) as stage:
        seen = _observed(stage, plugin(), _REQUEST)

    assert seen.client
    assert seen.client.message.status == 200


def test_a_machine_without_a_usable_envoy_is_told_so(tmp_path: Path) -> None:
    useless = tmp_path / "envoy"
    useless.write_bytes(b"\x7fELF")

    with pytest.raises(EnvironmentMissingError), EnvoyTarget(useless).stage([]):
        pass


def test_the_configuration_and_the_environment_reach_the_plugin(stage: Stage) -> None:
    # It takes its configuration only if that is 3 bytes long and there is one variable.
    tested = plugin(
        imports="""(import "wasi_snapshot_preview1" "environ_sizes_get"
            (func $sizes (param i32 i32) (result i32)))""",
        configure="""(drop (call $sizes (i32.const 64) (i32.const 68)))
            (i32.and (i32.eq (local.get 1) (i32.const 3))
                (i32.eq (i32.load (i32.const 64)) (i32.const 1)))""",
    )
    started = PluginSetup(plugin=tested, configuration=b"\xffab", environment={"KEY": "value"})
    setup = Setup(key="test", plugins=(started,))

    with stage.session(setup) as session:
        seen = session.observation()

    assert seen.configured
