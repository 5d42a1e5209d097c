"""Expressions in the Common Expression Language over a stream's attributes.

Source: Envoy source/extensions/common/wasm/foreign.cc; the engine is the one that Envoy uses,
through the package cel-expr-python, with the same limits. Times lose what is less than a
microsecond. A map that is returned has its entries in the order of their names; where an expression
itself goes through a map, it meets them in an order that is random, in Envoy as here.
"""

import re
from typing import cast

from cel_expr_python import cel

from wasmctl.abi.types import Status
from wasmctl.host.attributes import attribute
from wasmctl.host.context import Context, PluginContext
from wasmctl.host.foreign.cel_values import Wholes
from wasmctl.host.hostcall import HostcallError
from wasmctl.host.values import NotSerialisableError, serialised

_NAME = re.compile(r"[A-Za-z_]\w*")
_TOKEN_BYTES = 4

_UNCHECKED = cel.NewEnv()


def expr_create(context: Context, argument: bytes) -> bytes:
    """Compile an expression, and return its token."""
    plugin = _root(context)
    text = argument.decode(errors="replace")
    names = _NAME.findall(text)
    try:
        compiled = _UNCHECKED.compile(text, disable_check=True)
    except RuntimeError as error:
        raise HostcallError(Status.BAD_ARGUMENT, f"{text!r} is no expression: {error}") from error
    token = plugin.expressions.next_token()
    fault = _unknown_function(text, names)
    if fault:
        raise HostcallError(Status.BAD_ARGUMENT, f"{text!r} calls what is not there: {fault}")
    plugin.expressions.compiled[token] = compiled, frozenset(names)
    return token.to_bytes(_TOKEN_BYTES, "little")


def expr_evaluate(context: Context, argument: bytes) -> bytes:
    """Return the value that an expression has now, as a property's value."""
    token, plugin = _token(argument), _root(context)
    if token not in plugin.expressions.compiled:
        raise HostcallError(Status.NOT_FOUND, f"no expression has the token {token}")
    compiled, names = plugin.expressions.compiled[token]
    current, wholes = cast("Context", context.machine.vm.current), Wholes()
    data = {}
    for name in names:
        value = attribute(current, (name.encode(),))
        if value is not None:
            data[name] = wholes.plain(value)
    try:
        return serialised(wholes.value(compiled.eval(data=data)))
    except RuntimeError as error:  # more than 10,000 turns of its loops
        reason = f"expression {token} failed: {error}"
        raise HostcallError(Status.INTERNAL_FAILURE, reason) from error
    except NotSerialisableError:
        reason = f"the value of expression {token} is null, or a whole"
        raise HostcallError(Status.SERIALIZATION_FAILURE, reason) from None


def expr_delete(context: Context, argument: bytes) -> None:
    """Forget an expression, if there is one."""
    _root(context).expressions.compiled.pop(_token(argument), None)


def _root(context: Context) -> PluginContext:
    current = cast("Context", context.machine.vm.current)
    if current.plugin is None:
        raise HostcallError(Status.BAD_ARGUMENT, "no plugin is here to keep an expression")
    return current.plugin


def _token(argument: bytes) -> int:
    if len(argument) != _TOKEN_BYTES:
        reason = f"a token takes {_TOKEN_BYTES} bytes, not {len(argument)}"
        raise HostcallError(Status.BAD_ARGUMENT, reason)
    return int.from_bytes(argument, "little")


def _unknown_function(text: str, names: list[str]) -> str:
    """Name a function that is not there; that of two types does not is found out later."""
    environment = cel.NewEnv(variables=dict.fromkeys(names, cel.Type.DYN))
    try:
        environment.compile(text)
    except RuntimeError as error:
        fault = str(error).splitlines()[0]
        return fault if "undeclared reference" in fault else ""
    return ""
