from pathlib import Path

import pytest

from wasmctl.envoy.engines import unix_sockets


def test_a_path_may_be_longer_than_the_system_allows(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 50)
    folder.mkdir()

    with (
        unix_sockets.listening(folder / "socket") as listening,
        unix_sockets.connected(folder / "socket") as near,
        listening.accept()[0] as far,
    ):
        near.sendall(b"x")
        assert far.recv(1) == b"x"


def test_where_nobody_listens_nobody_is_reached(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        unix_sockets.connected(tmp_path / "none")


def test_a_name_that_is_taken_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()

    with pytest.raises(OSError, match="Address already in use"):
        unix_sockets.listening(tmp_path / "taken")
