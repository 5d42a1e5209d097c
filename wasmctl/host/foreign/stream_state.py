"""What plugins leave with a stream: filter state that Envoy's own filters read, and properties.

Source: Envoy source/extensions/common/wasm/context.cc (``setEnvoyFilterState``,
``declareProperty``). Since 1.40 the first acts on the effective context.
"""

from typing import cast

from wasmctl.abi.types import Status
from wasmctl.host.context import Context, HttpContext, VmContext
from wasmctl.host.filter_state import Declaration, LifeSpan, PropertyType, StateObject
from wasmctl.host.foreign.arguments import Arguments
from wasmctl.host.foreign.state_objects import KINDS
from wasmctl.host.hostcall import HostcallError


def clear_route_cache(_context: Context, _argument: bytes) -> None:
    """Choose the route anew: there is only one."""


def set_envoy_filter_state(context: Context, argument: bytes) -> None:
    """Make an object of one of Envoy's kinds, from a text; its key is the name of its kind."""
    given = Arguments(argument)
    key, text = given.octets(1), given.octets(2)
    make = KINDS.get(key)
    if make is None:
        raise HostcallError(Status.NOT_FOUND, f"Envoy has no kind of filter state {key!r}")
    try:
        found = StateObject(value=make(text))
    except ValueError as error:
        reason = f"{text!r} makes no {key.decode()}: {error}"
        raise HostcallError(Status.BAD_ARGUMENT, reason) from error
    if not isinstance(context, HttpContext):
        raise HostcallError(Status.NOT_FOUND, f"only a stream has filter state, {key!r} among it")
    context.stream.filter_state.put(key, found, _span(given.number(3)))


def declare_property(context: Context, argument: bytes) -> None:
    """Say of what kind a property will be; what a stream declares itself is of no use to it."""
    given = Arguments(argument)
    name = given.octets(1)
    current = cast("Context", context.machine.vm.current)
    if isinstance(current, VmContext):
        raise HostcallError(Status.BAD_ARGUMENT, f"no plugin is here to declare {name!r}")
    if name in current.declarations:
        raise HostcallError(Status.BAD_ARGUMENT, f"the property {name!r} is declared already")
    current.declarations[name] = Declaration(
        is_read_only=bool(given.number(2)),
        kind=_kind(given.number(3)),
        span=_span(given.number(5)),
    )


def _span(number: int) -> LifeSpan:
    return LifeSpan(number) if number in list(LifeSpan) else LifeSpan.FILTER_CHAIN


def _kind(number: int) -> PropertyType:
    return PropertyType(number) if number in list(PropertyType) else PropertyType.BYTES
