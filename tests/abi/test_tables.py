"""What the versions of the ABI have in common and where they part."""

import pytest

from wasmctl.abi.callbacks import ALLOCATORS, CALLBACKS, START_FUNCTIONS
from wasmctl.abi.hostcalls import HOSTCALLS
from wasmctl.abi.signature import Signature
from wasmctl.abi.types import AbiVersion, WasmType
from wasmctl.abi.wasi import WASI_FUNCTIONS

V1, V2, V21 = AbiVersion


def test_markers_are_named_after_their_version() -> None:
    assert [version.marker for version in AbiVersion] == [
        "proxy_abi_version_0_1_0",
        "proxy_abi_version_0_2_0",
        "proxy_abi_version_0_2_1",
    ]


def test_version_0_2_0_dropped_four_hostcalls_and_brought_two() -> None:
    assert HOSTCALLS[V1].keys() - HOSTCALLS[V2].keys() == {
        "proxy_get_configuration",
        "proxy_continue_request",
        "proxy_continue_response",
        "proxy_clear_route_cache",
    }
    assert HOSTCALLS[V2].keys() - HOSTCALLS[V1].keys() == {
        "proxy_continue_stream",
        "proxy_close_stream",
    }


def test_version_0_2_1_brought_the_log_level() -> None:
    assert HOSTCALLS[V21].keys() - HOSTCALLS[V2].keys() == {"proxy_get_log_level"}


def test_headers_callbacks_were_not_told_of_the_end_at_first() -> None:
    name = "proxy_on_request_headers"

    assert CALLBACKS[V1][name] == Signature.parse("ii:i")
    assert CALLBACKS[V2][name] == CALLBACKS[V21][name] == Signature.parse("iii:i")


@pytest.mark.parametrize("version", list(AbiVersion))
def test_callbacks_take_and_return_nothing_but_i32(version: AbiVersion) -> None:
    """The host's calls rely on it."""
    for signature in (*CALLBACKS[version].values(), *START_FUNCTIONS.values()):
        assert {*signature.parameters, *signature.results} <= {WasmType.I32}
        assert len(signature.results) <= 1


def test_hostcalls_and_callbacks_have_no_name_in_common() -> None:
    hostcalls = {name for table in HOSTCALLS.values() for name in table}
    callbacks = {name for table in CALLBACKS.values() for name in table}

    assert not hostcalls & (callbacks | START_FUNCTIONS.keys() | set(ALLOCATORS))


def test_wasi_has_the_functions_of_the_newest_envoy() -> None:
    assert len(WASI_FUNCTIONS) == 45
    assert "proc_raise" not in WASI_FUNCTIONS
