"""The argument of a foreign function that wants a Protobuf message."""

from wasmctl.abi.types import Status
from wasmctl.host import protobuf
from wasmctl.host.hostcall import HostcallError
from wasmctl.host.protobuf import MalformedError


class Arguments:
    """The fields of a message; raises HostcallError where the bytes are none."""

    def __init__(self, content: bytes) -> None:
        try:
            self._fields = protobuf.read(content)
        except MalformedError as error:
            reason = f"the argument's {len(content)} bytes are no message: {error}"
            raise HostcallError(Status.BAD_ARGUMENT, reason) from error

    def octets(self, field: int) -> bytes:
        """Return a text, or bytes."""
        value = self._fields.get(field)
        return value if isinstance(value, bytes) else b""

    def number(self, field: int) -> int:
        """Return a number, a truth value or a member of an enumeration."""
        value = self._fields.get(field)
        return value if isinstance(value, int) else 0
