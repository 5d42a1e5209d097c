"""What a declaration derives, against the tables of the specification."""

import pytest

from wasmctl.abi.hostcalls import HOSTCALLS as SPECIFIED
from wasmctl.abi.signature import Signature
from wasmctl.abi.types import AbiVersion, MapType
from wasmctl.abi.wasi import WASI_FUNCTIONS
from wasmctl.host.hostcalls import HOSTCALLS

_ENV = {name: found for table in SPECIFIED.values() for name, found in table.items()}


@pytest.mark.parametrize("name", sorted(_ENV | WASI_FUNCTIONS))
def test_every_function_envoy_offers_is_declared_with_its_signature(name: str) -> None:
    expected = (_ENV | WASI_FUNCTIONS)[name]

    declared = HOSTCALLS[name]

    assert declared.signature == expected


def test_nothing_else_is_declared() -> None:
    assert HOSTCALLS.keys() == _ENV.keys() | WASI_FUNCTIONS.keys()


def test_wasi_functions_are_offered_under_both_names() -> None:
    assert HOSTCALLS["fd_write"].modules == ("wasi_snapshot_preview1", "wasi_unstable")


def test_proxy_functions_are_offered_by_env() -> None:
    assert HOSTCALLS["proxy_log"].modules == ("env",)


def test_a_declaration_keeps_the_names_and_enumerations_of_its_parameters() -> None:
    declared = HOSTCALLS["proxy_get_header_map_value"]

    assert declared.parameters[0] == ("map_type", MapType)
    assert [name for name, _ in declared.parameters] == ["map_type", "key"]


def test_abi_versions_differ_in_what_they_offer() -> None:
    assert "proxy_get_log_level" not in SPECIFIED[AbiVersion.V0_2_0]
    assert SPECIFIED[AbiVersion.V0_1_0]["proxy_continue_request"] == Signature.parse(":i")
