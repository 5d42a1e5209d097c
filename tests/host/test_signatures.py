"""What is declared, against the specification; and that real modules link and run so."""

import pytest

from tests.host import specification
from tests.host.plugins import plugin
from tests.host.specification import table
from wasmctl import messages
from wasmctl.abi.callbacks import ALLOCATOR_SIGNATURE, ALLOCATORS, CALLBACKS, START_FUNCTIONS
from wasmctl.abi.hostcalls import HOSTCALLS as IMPORTABLE
from wasmctl.abi.signature import Signature
from wasmctl.abi.types import AbiVersion, WasmType
from wasmctl.abi.wasi import MODULES, WASI_FUNCTIONS
from wasmctl.host import Host
from wasmctl.host.hostcalls import HOSTCALLS
from wasmctl.host.trace_callbacks import arguments

VERSIONS = list(AbiVersion)
_LETTERS = {WasmType.I32: "i", WasmType.I64: "I", WasmType.F32: "f", WasmType.F64: "F"}
ENV = {
    name: signature
    for text in specification.HOSTCALLS.values()
    for name, signature in table(text).items()
}


def short(signature: Signature) -> str:
    sides = (signature.parameters, signature.results)
    return ">".join("".join(_LETTERS[kind] for kind in side) for side in sides)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_module_may_import_what_the_specification_has(version: AbiVersion) -> None:
    known = {name: short(signature) for name, signature in IMPORTABLE[version].items()}

    assert known == table(specification.HOSTCALLS[version])


def test_every_hostcall_is_declared_as_in_the_specification() -> None:
    declared = {
        name: short(hostcall.signature)
        for name, hostcall in HOSTCALLS.items()
        if hostcall.modules == ("env",)
    }

    assert declared == ENV


def test_every_function_of_wasi_is_declared_as_envoy_has_it() -> None:
    declared = {
        name: short(hostcall.signature)
        for name, hostcall in HOSTCALLS.items()
        if hostcall.modules == MODULES
    }

    assert declared == table(specification.WASI)
    assert declared == {name: short(kind) for name, kind in WASI_FUNCTIONS.items()}


@pytest.mark.parametrize("version", VERSIONS)
def test_the_host_calls_what_the_specification_has(version: AbiVersion) -> None:
    known = {name: short(signature) for name, signature in CALLBACKS[version].items()}

    assert known == table(specification.CALLBACKS[version])


def test_the_host_starts_modules_as_envoy_does() -> None:
    known = START_FUNCTIONS | dict.fromkeys(ALLOCATORS, ALLOCATOR_SIGNATURE)

    assert {name: short(kind) for name, kind in known.items()} == table(specification.START)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_version_is_declared_by_its_marker(version: AbiVersion) -> None:
    assert version.marker == specification.MARKERS[version]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_module_with_everything_of_a_version_loads(version: AbiVersion) -> None:
    callbacks = dict.fromkeys(
        name.removeprefix("proxy_on_")
        for name in table(specification.CALLBACKS[version])
        if name.startswith("proxy_on_")
    )
    imports = "\n".join(
        f'(import "{module}" "{name}" (func {_typed(signature)}))'
        for module, text in (
            ("env", specification.HOSTCALLS[version]),
            (MODULES[0], specification.WASI),
        )
        for name, signature in table(text).items()
    )

    module = plugin({name: [] for name in callbacks}, abi=version, imports=imports)
    with Host.start(module) as host:
        exchange = host.http(messages.request("/"))

    assert exchange.client_complete


def _typed(signature: str) -> str:
    parameters, results = signature.split(">")
    kinds = {"i": "i32", "I": "i64"}
    typed = [f"(param {kinds[letter]})" for letter in parameters]
    return " ".join([*typed, *(f"(result {kinds[letter]})" for letter in results)])


@pytest.mark.parametrize("version", VERSIONS)
def test_a_trace_names_every_parameter_of_every_callback(version: AbiVersion) -> None:
    for name, signature in CALLBACKS[version].items():
        numbers = tuple(range(len(signature.parameters)))

        assert len(arguments(name, numbers)) == len(numbers), name
