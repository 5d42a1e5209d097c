"""ABI 0.2.1 in the AssemblyScript SDK: nothing missing, nothing misspelt, nothing untried."""

import re
from pathlib import Path

from tests.conformance.cases import CASES
from tests.conformance.plugins import SOURCES
from tests.sdk import played
from wasmctl import scaffold
from wasmctl.abi.callbacks import CALLBACKS
from wasmctl.abi.hostcalls import HOSTCALLS
from wasmctl.abi.types import AbiVersion

_SDK = scaffold.templates_root() / "assemblyscript/_sdk/proxy-wasm"
_PAGE = (Path(__file__).parents[2] / "docs/reference/assemblyscript-sdk.md").read_text()
_TOUR = Path(__file__).parent / "assemblyscript"
_HOSTCALLS = HOSTCALLS[AbiVersion.V0_2_1]
_CALLBACKS = CALLBACKS[AbiVersion.V0_2_1]
# What HTTP plugins do not use: gRPC and TCP, and functions of Envoy or Emscripten alone.
_NOT_YET = re.compile(r"_grpc_|_stream_data|stream_connection|_connection|downstream_|upstream_")
_NOT_OF_THE_SPECIFICATION = re.compile(
    r"^(?!proxy_)|^proxy_validate_configuration$|_(?:request|response)_metadata$"
)


def test_each_hostcall_of_http_plugins_is_declared_with_its_signature() -> None:
    wanted = {
        name: signature
        for name, signature in _HOSTCALLS.items()
        if not _NOT_YET.search(name) and not _NOT_OF_THE_SPECIFICATION.search(name)
    }

    declared = _functions("env.ts")

    assert declared == {name: str(signature) for name, signature in wanted.items()}


def test_each_callback_of_http_plugins_is_exported_with_its_signature() -> None:
    wanted = {
        name: signature
        for name, signature in _CALLBACKS.items()
        if not _NOT_YET.search(name) and not _NOT_OF_THE_SPECIFICATION.search(name)
    }

    exported = _functions("callbacks/*.ts")
    exported.pop("proxy_abi_version_0_2_1")

    assert exported == {name: str(signature) for name, signature in wanted.items()}


def test_each_hostcall_is_made_in_a_case_or_in_the_tour_of_both_targets() -> None:
    in_cases = {
        str(statement[0])
        for name in played.played()
        for plugin in CASES[name].filters
        for statements in SOURCES[plugin.code].callbacks.values()
        for statement in statements
        if statement not in played.translations()[plugin.code].left_out
    }
    # random_get and the environment's are of WASI; the cases make those with bare addresses.
    in_the_tour = {"environ_get", "environ_sizes_get", "random_get"}
    assert "environment.all()" in (_TOUR / "assembly/border.ts").read_text()
    assert "random.bytes(" in (_TOUR / "assembly/border.ts").read_text()

    declared = _functions("env.ts").keys() | _functions("wasi.ts").keys()

    assert declared - in_cases - in_the_tour == set()


def test_each_hostcall_and_each_callback_is_on_the_page() -> None:
    functions = _functions("env.ts") | _functions("callbacks/*.ts") | _functions("wasi.ts")

    assert [name for name in functions if f"`{name}`" not in _PAGE] == []


def _functions(pattern: str) -> dict[str, str]:
    """Return the functions that files export, with their signatures as WebAssembly has them."""
    text = "\n".join(path.read_text() for path in sorted(_SDK.glob(pattern)))
    found = re.findall(r"export (?:declare )?function (\w+)\(([^)]*)\): (\w+)", text)
    return {name: _signature(parameters, result) for name, parameters, result in found}


def _signature(parameters: str, result: str) -> str:
    """Everything is 32 bits wide that does not say otherwise: addresses, enumerations, truth."""
    types = re.findall(r": (\w+)", parameters)
    letters = [_letter(each) for each in types]
    results = [_letter(result)] if result != "void" else []
    return f"({' '.join(letters)}) -> ({' '.join(results)})"


def _letter(name: str) -> str:
    return "i64" if name in ("i64", "u64") else "i32"
