import os
import subprocess
import sys

import pytest

from wasmctl.containers import labels

_ENDED = 1 << 22  # above the largest process id that a system gives


def _of(pid: int) -> dict[str, str]:
    return labels.of_us("run") | {"wasmctl.pid": str(pid)}


def test_a_container_whose_owner_lives_is_no_orphan() -> None:
    assert not labels.is_orphan(labels.of_us("run"))


def test_a_container_whose_owner_has_died_is_an_orphan() -> None:
    assert labels.is_orphan(_of(_ENDED))


def test_a_process_that_got_the_owners_number_is_not_the_owner() -> None:
    assert labels.is_orphan(labels.of_us("run") | {"wasmctl.started": "1"})


def test_an_owner_that_waits_to_be_reaped_is_dead() -> None:
    with subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.read()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)

        assert labels.is_orphan(_of(process.pid))


@pytest.mark.parametrize(
    "found",
    [
        {},
        {"com.example": "x"},
        _of(_ENDED) | {"wasmctl.system": "another/1"},
        _of(_ENDED) | {"wasmctl.pid": "many"},
        {name: value for name, value in _of(_ENDED).items() if name != "wasmctl.run"},
    ],
)
def test_what_is_not_surely_ours_is_no_orphan(found: dict[str, str]) -> None:
    assert not labels.is_orphan(found)
