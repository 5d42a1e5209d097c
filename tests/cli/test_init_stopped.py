"""``wasmctl init`` stopped at any time: nothing is there, or a whole project."""

import os
import signal
import socket
from pathlib import Path

import pytest

from tests import components
from tests.command import started
from tests.foreign_templates import foreign


def test_ctrl_c_while_a_server_says_nothing_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    components.need("git")
    work, temporary = tmp_path / "work", tmp_path / "temporary"
    work.mkdir()
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))

    with socket.create_server(("127.0.0.1", 0)) as silent:
        word = f"git+http://127.0.0.1:{silent.getsockname()[1]}/theirs"
        with started("init", "a", "--template", word, folder=work) as process:
            connection, _ = silent.accept()
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=60)
            # Git has gone with it: the connection has no other end any more.
            connection.settimeout(60)
            while connection.recv(4096):
                pass
            connection.close()

    assert process.returncode == 130, errors
    assert list(work.iterdir()) == []
    assert list(temporary.iterdir()) == []


def test_ctrl_c_while_a_hook_runs_leaves_nothing_and_ends_it(tmp_path: Path) -> None:
    work, told = tmp_path / "work", tmp_path / "told"
    work.mkdir()
    os.mkfifo(told)
    hook = f"echo $$ > {told}; touch half; exec sleep 600"
    template = foreign(tmp_path / "theirs", hook=hook)

    with started("init", "a", "--trust-hooks", "--template", template, folder=work) as process:
        hook_id = int(told.read_text())
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)

    assert process.returncode == 130, errors
    assert list(work.iterdir()) == []
    with pytest.raises(ProcessLookupError):
        os.kill(hook_id, 0)
