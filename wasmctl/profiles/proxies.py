"""The proxies that are known, and what each offers.

Envoy: measured on its releases (which WASI functions link), and proxy-wasm-cpp-host
``include/proxy-wasm/exports.h``. Istio: its proxies are Envoy; those of the releases that are
supported offer at least what Envoy 1.36 does. Higress: exports.h of its fork, on top of Envoy 1.36.
"""

from collections.abc import Iterable, Mapping

from wasmctl import spelling
from wasmctl.abi.callbacks import CALLBACKS
from wasmctl.abi.hostcalls import HOSTCALLS
from wasmctl.abi.signature import Signature
from wasmctl.abi.types import AbiVersion
from wasmctl.abi.wasi import WASI_FUNCTIONS, WASI_FUNCTIONS_BEFORE_1_39
from wasmctl.errors import UsageError
from wasmctl.profiles.profile import Interface, Profile

_STANDARD = {
    version.marker: Interface(hostcalls=HOSTCALLS[version], callbacks=CALLBACKS[version])
    for version in AbiVersion
}

_HIGRESS_MARKER = "proxy_abi_version_0_2_100"
_HIGRESS_HOSTCALLS = {
    "proxy_redis_init": "iiiiiii:i",
    "proxy_redis_call": "iiiii:i",
    "proxy_inject_encoded_data_to_filter_chain": "iii:i",
    "proxy_get_upstream_hosts": "ii:i",
    "proxy_set_upstream_override_host": "ii:i",
}
_HIGRESS_CALLBACKS = {"proxy_on_redis_call_response": "iiii:"}


def _with_extensions(interface: Interface) -> Interface:
    return Interface(
        hostcalls={**interface.hostcalls, **_parsed(_HIGRESS_HOSTCALLS)},
        callbacks={**interface.callbacks, **_parsed(_HIGRESS_CALLBACKS)},
    )


def _parsed(table: Mapping[str, str]) -> dict[str, Signature]:
    return {name: Signature.parse(short) for name, short in table.items()}


def _envoy(minor: int, wasi: Mapping[str, Signature]) -> Profile:
    return Profile(
        name=f"envoy-1.{minor}",
        title=f"Envoy 1.{minor}",
        interfaces=_STANDARD,
        wasi=wasi,
        is_measured=True,
    )


_EXTENDED = {marker: _with_extensions(interface) for marker, interface in _STANDARD.items()}

_ALL = (
    *(_envoy(minor, WASI_FUNCTIONS_BEFORE_1_39) for minor in (36, 37, 38)),
    *(_envoy(minor, WASI_FUNCTIONS) for minor in (39, 40)),
    Profile(name="istio", title="Istio", interfaces=_STANDARD, wasi=WASI_FUNCTIONS_BEFORE_1_39),
    Profile(
        name="higress",
        title="Higress",
        interfaces=_EXTENDED | {_HIGRESS_MARKER: _EXTENDED[AbiVersion.V0_2_1.marker]},
        wasi=WASI_FUNCTIONS_BEFORE_1_39,
    ),
)

PROFILES: dict[str, Profile] = {profile.name: profile for profile in _ALL}


def named(names: Iterable[str]) -> tuple[Profile, ...]:
    """Return the profiles of these names, in the order of the table; all of them for none.

    Raises UsageError, with the nearest known name, where there is none of a name.
    """
    wanted = set(names) or set(PROFILES)
    for name in sorted(wanted - PROFILES.keys()):
        raise UsageError(f"no proxy is called {name!r}", hint=spelling.suggestion(name, PROFILES))
    return tuple(profile for name, profile in PROFILES.items() if name in wanted)
