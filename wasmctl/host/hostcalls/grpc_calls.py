"""gRPC calls: what is refused before one begins; beginning one is still to come.

Source: Envoy source/extensions/common/wasm/context.cc (``grpcCall``, ``grpcSend``, ``grpcCancel``,
``grpcClose``). The lowest two bits of a token tell what it is of.
"""

from wasmctl.abi.types import Status
from wasmctl.host import protobuf
from wasmctl.host.context import Context, HttpContext
from wasmctl.host.hazards import HazardKind
from wasmctl.host.hostcall import U32, HostcallError, Pairs, UnimplementedError, hostcall
from wasmctl.host.protobuf import MalformedError

_KIND_BITS = 3
_CALL = 1
_STREAM = 2


@hostcall
def proxy_grpc_call(
    context: Context,
    service: bytes,
    _service_name: bytes,
    _method: bytes,
    _initial_metadata: Pairs,
    _message: bytes,
    _timeout_milliseconds: U32,
) -> U32:
    """Make a call with one message each way."""
    _check_service(context, service)
    raise UnimplementedError


@hostcall
def proxy_grpc_stream(
    context: Context,
    service: bytes,
    _service_name: bytes,
    _method: bytes,
    _initial_metadata: Pairs,
) -> U32:
    """Open a call with many messages."""
    _check_service(context, service)
    raise UnimplementedError


@hostcall
def proxy_grpc_send(_context: Context, token: U32, _message: bytes, _end_of_stream: U32) -> None:
    """Send a message on an open call."""
    if token & _KIND_BITS != _STREAM:
        raise HostcallError(Status.BAD_ARGUMENT, f"the token {token} is none of a gRPC stream")
    raise _unknown(token)


@hostcall
def proxy_grpc_cancel(_context: Context, token: U32) -> None:
    """Cancel a call."""
    _check_token(token)
    raise _unknown(token)


@hostcall
def proxy_grpc_close(_context: Context, token: U32) -> None:
    """Close our side of a call."""
    _check_token(token)
    raise _unknown(token)


def _check_service(context: Context, service: bytes) -> None:
    """Refuse what is neither a serialised ``GrpcService`` nor a cluster that is there."""
    if not service and isinstance(context, HttpContext):
        context.stream.report(HazardKind.NO_GRPC_SERVICE, context.machine.vm.callback)
    try:
        protobuf.read(service)
    except MalformedError:
        callouts, name = context.machine.shared.callouts, service.decode(errors="backslashreplace")
        if not callouts.knows(name):
            reason = f"the service {name!r} is neither a GrpcService nor the name of a cluster"
            raise HostcallError(Status.PARSE_FAILURE, reason) from None


def _check_token(token: int) -> None:
    if token & _KIND_BITS not in {_CALL, _STREAM}:
        raise HostcallError(Status.BAD_ARGUMENT, f"the token {token} is none of gRPC")


def _unknown(token: int) -> HostcallError:
    return HostcallError(Status.NOT_FOUND, f"no gRPC call that is open has the token {token}")
