"""What `check` says of a module is what the Envoy of that release does with it."""

from collections.abc import Iterator, Mapping

import pytest
import wasmtime

from tests import components
from tests.conformance.case import Case, Filter
from tests.conformance.on_envoy import Machine, started
from wasmctl.abi.hostcalls import HOSTCALLS
from wasmctl.abi.signature import Signature
from wasmctl.abi.types import AbiVersion
from wasmctl.abi.wasi import WASI_FUNCTIONS
from wasmctl.build import checking
from wasmctl.build.setup import Setup
from wasmctl.envoy import releases
from wasmctl.errors import EnvoyFailedError, NetworkError
from wasmctl.profiles import PROFILES, Level, Profile

_RELEASES = {
    "envoy-1.36": "1.36.4",
    "envoy-1.37": "1.37.0",
    "envoy-1.38": "1.38.2",
    "envoy-1.39": "1.39.3",
    "envoy-1.40": "1.40.0",
}
_WASI = "wasi_snapshot_preview1"
_ROOT = "root"  # what cases are started with

_MARKER = '(func (export "proxy_abi_version_0_2_1"))'
_MALLOC = '(func (export "malloc") (param i32) (result i32) (i32.const 4096))'
_MEMORY = '(memory (export "memory") 1)'
_WHOLE = _MARKER + _MALLOC + _MEMORY
_LOG = '(import "env" "proxy_log" (func $log (param i32 i32 i32) (result i32)))'
_LOGS = "(drop (call $log (i32.const 2) (i32.const 0) (i32.const 0)))"
_PROPERTY = '(import "env" "proxy_get_property" (func $get (param i32 i32 i32 i32) (result i32)))'
_REFUSES_ALL = """
    (data (i32.const 128) "plugin_root_id")
    (func (export "proxy_on_vm_start") (param i32 i32) (result i32)
      (drop (call $get (i32.const 128) (i32.const 14) (i32.const 64) (i32.const 68)))
      (i32.const 0))
"""

# Each is decided by a rule of its own, be it refused or not.
_MODULES = {
    "whole": _WHOLE,
    "no marker": _MALLOC + _MEMORY,
    "another version": _WHOLE.replace("0_2_1", "0_3_0"),
    "the version of Higress": _WHOLE.replace("0_2_1", "0_2_100"),
    "an unknown marker before a known one": '(func (export "proxy_abi_version_9_0_0"))' + _WHOLE,
    "two known markers": _WHOLE + '(func (export "proxy_abi_version_0_1_0"))',
    "no allocator": _MARKER + _MEMORY,
    "the old allocator": _WHOLE.replace("malloc", "proxy_on_memory_allocate"),
    "an allocator of another signature": _WHOLE.replace("(param i32)", "(param i64)"),
    "no memory": _MARKER + _MALLOC,
    "all the memory there is": _WHOLE.replace('"memory") 1', '"memory") 16384'),
    "more memory": _WHOLE.replace('"memory") 1', '"memory") 16385'),
    "memory and a table imported": '(import "env" "memory" (memory 1))'
    '(import "env" "t" (table 1 funcref))' + _MARKER + _MALLOC,
    "an unknown function": '(import "env" "proxy_none" (func))' + _WHOLE,
    "another module": '(import "elsewhere" "proxy_log" (func))' + _WHOLE,
    "a global": '(import "env" "proxy_log" (global i32))' + _WHOLE,
    "the older WASI": '(import "wasi_unstable" "fd_close" (func (param i32) (result i32)))'
    + _WHOLE,
    "an import of another signature": '(import "env" "proxy_log" (func (param i32)))' + _WHOLE,
    "a callback of another signature": '(func (export "proxy_on_tick"))' + _WHOLE,
    "a callback of the same signature": '(func (export "proxy_on_tick") (param i32))' + _WHOLE,
    "a callback that there is not": '(func (export "proxy_on_tack") (param i64))' + _WHOLE,
    "a main alone": '(func (export "main") (param i64))' + _WHOLE,
    "a main beside _initialize": '(func (export "main") (param i64))(func (export "_initialize"))'
    + _WHOLE,
    "a vector inside": "(func $in (param v128))" + _WHOLE,
    "a reference exported": '(func (export "r") (param externref))' + _WHOLE,
    "for debuggers": '(@custom ".debug_info" "0123456789")' + _WHOLE,
    "a start section": "(func $s) (start $s)" + _WHOLE,
    "a start section that traps": _LOG + "(func $s (unreachable)) (start $s)" + _WHOLE,
    "a start section that could call": _LOG
    + f"(func $s (if (i32.const 0) (then {_LOGS}))) (start $s)"
    + _WHOLE,
    "code that is not valid": "(func (result i32) (i64.const 0))" + _WHOLE,
    "tail calls": "(func $t (return_call $t))" + _WHOLE,
    "a second memory": _WHOLE + "(memory 1)",
    "memory of 64 bits": _MARKER + _MALLOC + '(memory (export "memory") i64 1)',
    "exceptions": "(tag $e) (func (throw $e))" + _WHOLE,
    "atomics": "(func (drop (i32.atomic.load (i32.const 0))))" + _WHOLE,
    "relaxed vectors": "(func (param v128) (result v128)"
    " (i8x16.relaxed_swizzle (local.get 0) (local.get 0)))" + _WHOLE,
    "wide arithmetic": "(func (result i64 i64)"
    " (i64.mul_wide_u (i64.const 1) (i64.const 1)))" + _WHOLE,
    "references to functions": "(type $f (func)) (func (param (ref null $f)))" + _WHOLE,
    "structures": "(type $s (struct (field i32))) (func (param (ref null $s)))" + _WHOLE,
    "an unknown root id": _PROPERTY + _REFUSES_ALL + _WHOLE,
}

# Envoy dies of these.
_DEADLY = {
    "a start section that calls": _LOG + f"(func $s {_LOGS}) (start $s)" + _WHOLE,
    "a vector exported": '(func (export "fast") (param v128))' + _WHOLE,
}


@pytest.fixture(scope="module", params=_RELEASES)
def profile(request: pytest.FixtureRequest) -> Profile:
    name: str = request.param
    try:
        releases.binary(_RELEASES[name], lambda _line: None)
    except NetworkError as error:
        components.refuse(f"Envoy {_RELEASES[name]}: {error.message}")
    return PROFILES[name]


@pytest.fixture(scope="module")
def machine(profile: Profile) -> Iterator[Machine]:
    """An Envoy of the profile's release."""
    with started(_RELEASES[profile.name]) as machine:
        yield machine


def _module(text: str) -> bytes:
    return bytes(wasmtime.wat2wasm(f"(module {text})"))


def _case(text: str) -> Case:
    return Case(id="check", rows=(), filters=(Filter(code=_module(text), root_id=_ROOT),), steps=())


def _loads(machine: Machine, text: str) -> bool:
    return machine.play(_case(text)).refusal is None


def _is_said_to_load(profile: Profile, text: str) -> bool:
    setup = Setup(root_id=_ROOT)
    checked = checking.check_bytes("x", _module(text), [profile.name], setup=setup)
    return not any(each.level is Level.ERROR for each in checked.findings)


def _imports(module: str, functions: Mapping[str, Signature]) -> str:
    return "".join(
        f'(import "{module}" "{name}" (func {_typed(signature)}))'
        for name, signature in functions.items()
    )


def _typed(signature: Signature) -> str:
    parameters = "".join(f"(param {each})" for each in signature.parameters)
    return parameters + "".join(f"(result {each})" for each in signature.results)


def _exports(functions: Mapping[str, Signature]) -> str:
    return "".join(
        f'(func (export "{name}") {_typed(signature)} (unreachable))'
        for name, signature in functions.items()
        if name not in {"proxy_on_vm_start", "proxy_on_configure", "proxy_on_context_create"}
    )


def test_envoy_does_with_each_module_as_is_said(profile: Profile, machine: Machine) -> None:
    said = {name: _is_said_to_load(profile, text) for name, text in _MODULES.items()}

    done = {name: _loads(machine, text) for name, text in _MODULES.items()}

    assert done == said
    assert set(done.values()) == {True, False}


def test_envoy_has_all_that_the_profile_has(profile: Profile, machine: Machine) -> None:
    for marker, interface in profile.interfaces.items():
        text = (
            _imports("env", interface.hostcalls)
            + _imports(_WASI, profile.wasi)
            + _exports(interface.callbacks)
            + _WHOLE.replace("proxy_abi_version_0_2_1", marker)
        )

        assert _is_said_to_load(profile, text)
        assert _loads(machine, text), marker


def test_envoy_has_nothing_that_the_profile_has_not(profile: Profile, machine: Machine) -> None:
    """Of other releases, of other versions of the ABI, and of Higress."""
    version = AbiVersion.V0_2_1
    everywhere = {name: kind for table in HOSTCALLS.values() for name, kind in table.items()}
    of_higress = PROFILES["higress"].interfaces[version.marker].hostcalls
    others = {
        "env": {**everywhere, **of_higress}.items() - HOSTCALLS[version].items(),
        _WASI: WASI_FUNCTIONS.items() - profile.wasi.items(),
    }
    wanted = [_imports(module, {name: kind}) for module in others for name, kind in others[module]]

    said = [text for text in wanted if _is_said_to_load(profile, text + _WHOLE)]
    loaded = [text for text in wanted if _loads(machine, text + _WHOLE)]

    assert (said, loaded) == ([], [])
    assert wanted


@pytest.mark.parametrize("name", _DEADLY)
def test_envoy_dies_of_what_is_said_to_crash_it(profile: Profile, name: str) -> None:
    assert not _is_said_to_load(profile, _DEADLY[name])

    with (
        started(_RELEASES[profile.name]) as machine,
        pytest.raises(EnvoyFailedError, match="died of SIG"),
    ):
        machine.play(_case(_DEADLY[name]))
