"""HTTP streams."""

from wasmctl.host.context import Context, HttpContext
from wasmctl.host.hostcall import I32, U32, Pairs, hostcall
from wasmctl.host.local_reply import LocalReply

_NO_GRPC_STATUS = -1
_WITHOUT_SPACE = bytes.maketrans(b" \t\n\v\f\r", b"______")


@hostcall
def proxy_send_local_response(
    context: Context,
    status_code: U32,
    details: bytes,
    body: bytes,
    headers: Pairs,
    grpc_status: I32,
) -> None:
    """Answer the request; without a stream, nothing happens.

    Whatever the callback returns, its stream stops (cpp-host ``stopNextIteration``).
    """
    context.machine.stops = True
    if isinstance(context, HttpContext):
        reply = LocalReply(
            status=status_code,
            details=details.translate(_WITHOUT_SPACE).decode(errors="replace"),
            body=body,
            headers=headers,
            grpc_status=None if grpc_status == _NO_GRPC_STATUS else grpc_status,
        )
        context.reply(reply)
