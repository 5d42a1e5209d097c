"""gRPC hostcalls: what is refused before a call begins, as on Envoy 1.40."""

import pytest

from tests.host.conftest import Start
from tests.host.plugins import Statement, plugin
from tests.host.texts import texts

_STATUSES: dict[str, tuple[Statement, str]] = {
    "send to nothing": (("?proxy_grpc_send", 0, b"m", 0), "02"),
    "send to a call": (("?proxy_grpc_send", 5, b"m", 0), "02"),
    "send to an unknown stream": (("?proxy_grpc_send", 6, b"m", 0), "01"),
    "send what is not there": (("?proxy_grpc_send", 6, -1, 2, 0), "06"),
    "cancel nothing": (("?proxy_grpc_cancel", 4), "02"),
    "cancel an unknown call": (("?proxy_grpc_cancel", 5), "01"),
    "cancel an unknown stream": (("?proxy_grpc_cancel", 6), "01"),
    "close nothing": (("?proxy_grpc_close", 7), "02"),
    "close an unknown call": (("?proxy_grpc_close", 5), "01"),
    "close an unknown stream": (("?proxy_grpc_close", 6), "01"),
    "call nobody": (("?proxy_grpc_call", b"nope", b"", b"", b"", b"", 0, 16), "04"),
    "stream to nobody": (("?proxy_grpc_stream", b"nope", b"", b"", b"", 16), "04"),
    "call a cluster": (("?proxy_grpc_call", b"upstream", b"", b"", b"", b"", 0, 16), "12"),
    "stream to a service": (("?proxy_grpc_stream", b"\n\0", b"", b"", b"", 16), "12"),
    "call what is not there": (("?proxy_grpc_call", -1, 2, b"", b"", b"", b"", 0, 16), "06"),
}


@pytest.mark.parametrize("name", _STATUSES)
def test_a_mistake_is_refused(start: Start, name: str) -> None:
    statement, status = _STATUSES[name]

    assert texts(start(plugin({"configure": [statement]}))) == [status]
