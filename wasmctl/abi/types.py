"""The enumerations of Proxy-Wasm, spelled as in the specification."""

from enum import IntEnum, StrEnum


class AbiVersion(StrEnum):
    """The versions a host of today knows, by the marker that the plugin exports."""

    V0_1_0 = "0.1.0"
    V0_2_0 = "0.2.0"
    V0_2_1 = "0.2.1"

    @property
    def marker(self) -> str:
        """The export that declares this version."""
        return "proxy_abi_version_" + self.value.replace(".", "_")


class Status(IntEnum):
    """What a hostcall returns.

    BAD_EXPRESSION, RESULT_MISMATCH and BROKEN_CONNECTION stand in the SDKs, not in the
    specification.
    """

    OK = 0
    NOT_FOUND = 1
    BAD_ARGUMENT = 2
    SERIALIZATION_FAILURE = 3
    PARSE_FAILURE = 4
    BAD_EXPRESSION = 5
    INVALID_MEMORY_ACCESS = 6
    EMPTY = 7
    CAS_MISMATCH = 8
    RESULT_MISMATCH = 9
    INTERNAL_FAILURE = 10
    BROKEN_CONNECTION = 11
    UNIMPLEMENTED = 12


class LogLevel(IntEnum):
    """The levels of ``proxy_log``, which are Envoy's."""

    TRACE = 0
    DEBUG = 1
    INFO = 2
    WARN = 3
    ERROR = 4
    CRITICAL = 5


class MapType(IntEnum):
    """The header maps a hostcall can name."""

    HTTP_REQUEST_HEADERS = 0
    HTTP_REQUEST_TRAILERS = 1
    HTTP_RESPONSE_HEADERS = 2
    HTTP_RESPONSE_TRAILERS = 3
    GRPC_CALL_INITIAL_METADATA = 4
    GRPC_CALL_TRAILING_METADATA = 5
    HTTP_CALL_RESPONSE_HEADERS = 6
    HTTP_CALL_RESPONSE_TRAILERS = 7


class BufferType(IntEnum):
    """The buffers a hostcall can name."""

    HTTP_REQUEST_BODY = 0
    HTTP_RESPONSE_BODY = 1
    DOWNSTREAM_DATA = 2
    UPSTREAM_DATA = 3
    HTTP_CALL_RESPONSE_BODY = 4
    GRPC_CALL_MESSAGE = 5
    VM_CONFIGURATION = 6
    PLUGIN_CONFIGURATION = 7
    FOREIGN_FUNCTION_ARGUMENTS = 8


class StreamType(IntEnum):
    """The streams a hostcall can name."""

    REQUEST = 0
    RESPONSE = 1
    DOWNSTREAM = 2
    UPSTREAM = 3


class MetricType(IntEnum):
    """The kinds of metric."""

    COUNTER = 0
    GAUGE = 1
    HISTOGRAM = 2


class Action(IntEnum):
    """What a stream callback returns: go on, or pause the stream."""

    CONTINUE = 0
    PAUSE = 1


class WasmType(StrEnum):
    """A number type of WebAssembly, by its name in the text format."""

    I32 = "i32"
    I64 = "i64"
    F32 = "f32"
    F64 = "f64"
