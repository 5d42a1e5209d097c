import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from wasmctl.envoy.engines import unix_sockets
from wasmctl.envoy.engines.base import TcpAddress, UnixAddress
from wasmctl.envoy.engines.relay import Route, relaying

_SECONDS = 30.0


@contextmanager
def _relayed(path: Path) -> Iterator[int]:
    """Give a port that leads to a unix socket."""
    with socket.create_server(("127.0.0.1", 0)) as outer:
        port = outer.getsockname()[1]
        with relaying([Route(listening=outer, address=UnixAddress(path=str(path)))]):
            outer.close()
            yield port


@contextmanager
def _pair(tmp_path: Path) -> Iterator[tuple[socket.socket, socket.socket]]:
    """Give both ends of a connection through a port, the relay and a unix socket."""
    with unix_sockets.listening(tmp_path / "inner") as inner, _relayed(tmp_path / "inner") as port:
        inner.settimeout(_SECONDS)
        with socket.create_connection(("127.0.0.1", port), _SECONDS) as near:
            far = inner.accept()[0]
            far.settimeout(_SECONDS)
            with far:
                yield near, far


def _read(end: socket.socket, size: int) -> bytes:
    with end.makefile("rb") as file:
        return file.read(size)


def test_bytes_pass_in_both_directions(tmp_path: Path) -> None:
    with _pair(tmp_path) as (near, far):
        near.sendall(b"there")
        assert _read(far, 5) == b"there"

        far.sendall(b"back")
        assert _read(near, 4) == b"back"


def test_a_large_message_passes_whole(tmp_path: Path) -> None:
    content = bytes(range(256)) * 16384
    with _pair(tmp_path) as (near, far):
        sender = threading.Thread(target=near.sendall, args=(content,))
        sender.start()

        assert _read(far, len(content)) == content
        sender.join()


def test_the_end_of_one_direction_passes_and_the_other_goes_on(tmp_path: Path) -> None:
    with _pair(tmp_path) as (near, far):
        near.shutdown(socket.SHUT_WR)
        assert far.recv(1) == b""

        far.sendall(b"still")
        assert _read(near, 5) == b"still"


def test_a_close_reaches_the_other_side(tmp_path: Path) -> None:
    with _pair(tmp_path) as (near, far):
        far.close()

        assert near.recv(1) == b""


def test_a_reset_ends_the_connection(tmp_path: Path) -> None:
    with _pair(tmp_path) as (near, far):
        near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        near.close()

        assert far.recv(1) == b""


def test_where_nobody_listens_behind_the_relay_the_connection_is_closed(tmp_path: Path) -> None:
    with (
        _relayed(tmp_path / "none") as port,
        socket.create_connection(("127.0.0.1", port), _SECONDS) as near,
    ):
        assert near.recv(1) == b""


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_unix_socket_leads_to_a_port(tmp_path: Path, host: str) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        unix_sockets.listening(tmp_path / "outer") as outer,
    ):
        address = TcpAddress(host=host, port=server.getsockname()[1])
        with (
            relaying([Route(listening=outer, address=address)]),
            unix_sockets.connected(tmp_path / "outer") as near,
            server.accept()[0] as far,
        ):
            near.sendall(b"x")
            assert far.recv(1) == b"x"
