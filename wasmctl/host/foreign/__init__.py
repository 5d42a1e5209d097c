"""Foreign functions: what Envoy offers beside the specification, by name.

Source: Envoy source/extensions/common/wasm/foreign.cc. Each takes a context and bytes; it returns
the bytes of its result, or None where it has none. All were measured on Envoy 1.40; 1.36 has no
``sign``, and its ``verify_signature`` takes keys in DER alone.
"""

import importlib
from collections.abc import Callable, Mapping

from wasmctl.host.context import Context
from wasmctl.host.foreign import compression, stream_state
from wasmctl.host.hostcall import UnimplementedError

ForeignFunction = Callable[[Context, bytes], bytes | None]

EXTRA = "wasmctl[foreign]"
"""What is installed to have all of them."""


def _extra(module: str, name: str) -> ForeignFunction:
    """Return a function whose module needs packages that may be missing, and take their time."""

    def call(context: Context, argument: bytes) -> bytes | None:
        try:
            found = importlib.import_module(f"{__name__}.{module}")
        except ImportError as error:
            raise UnimplementedError(f"{name} without {EXTRA}") from error
        function: ForeignFunction = getattr(found, name)
        return function(context, argument)

    return call


FUNCTIONS: Mapping[bytes, ForeignFunction] = {
    b"compress": compression.compress,
    b"uncompress": compression.uncompress,
    b"clear_route_cache": stream_state.clear_route_cache,
    b"set_envoy_filter_state": stream_state.set_envoy_filter_state,
    b"declare_property": stream_state.declare_property,
    b"sign": _extra("signatures", "sign"),
    b"verify_signature": _extra("signatures", "verify_signature"),
    b"expr_create": _extra("expressions", "expr_create"),
    b"expr_evaluate": _extra("expressions", "expr_evaluate"),
    b"expr_delete": _extra("expressions", "expr_delete"),
}
