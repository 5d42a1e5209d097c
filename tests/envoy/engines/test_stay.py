import os
import random
import signal
import time
from pathlib import Path

import pytest

from tests.docker_engine import DockerEngine
from tests.envoy.engines.holding import (
    Holder,
    containers_in,
    eventually,
    holding,
)
from wasmctl import containers
from wasmctl.containers import Plan
from wasmctl.envoy.engines.stay import staying

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
_CYCLES = 12


@pytest.mark.parametrize("number", _SIGNALS, ids=lambda number: number.name)
def test_an_owner_that_ends_leaves_nothing(
    docker: DockerEngine, envoy_image: str, tmp_path: Path, number: signal.Signals
) -> None:
    with holding(docker, envoy_image, tmp_path) as holder:
        holder.wait_until_ready()
        started = holder.processes()
        held = containers_in(docker, envoy_image)

        holder.process.send_signal(number)

        _check_nothing_is_left(docker, envoy_image, holder)
    assert len(held) == 1
    assert len(started) == 3  # the command, the guardian and the relay


def test_owners_that_end_at_any_moment_leave_nothing(
    docker: DockerEngine, envoy_image: str, tmp_path: Path
) -> None:
    # Seeded by pytest-randomly, whose seed is printed.
    chance = random.Random(random.random())  # noqa: S311 - no secret
    for cycle in range(_CYCLES):
        with holding(docker, envoy_image, tmp_path / str(cycle)) as holder:
            time.sleep(chance.uniform(0, 1.5))

            holder.process.send_signal(chance.choice(_SIGNALS))

            _check_nothing_is_left(docker, envoy_image, holder)


def _check_nothing_is_left(docker: DockerEngine, image: str, holder: Holder) -> None:
    holder.process.communicate(timeout=60)
    eventually(lambda: not holder.processes(), "a process was left behind")
    assert containers_in(docker, image) == []
    assert list(holder.temporary.iterdir()) == []
    # Its run folder stays, as that of any run.
    assert [path for path in holder.state.rglob("*") if path.is_socket()] == []
    assert list(holder.state.rglob("sockets")) == []


def test_a_stay_that_fails_leaves_nothing(
    docker: DockerEngine, envoy_image: str, tmp_path: Path
) -> None:
    temporary = tmp_path / "sockets"
    plan = Plan(image=envoy_image, command=["sleep", "infinity"], user="65532:65532")

    def fail() -> None:
        with staying(containers.engine(), temporary) as stay:
            temporary.mkdir()
            stay.create(plan).start()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert containers_in(docker, envoy_image) == []
    assert not temporary.exists()


def test_what_a_container_of_ours_is_called_and_bears(
    docker: DockerEngine, envoy_image: str
) -> None:
    plan = Plan(image=envoy_image, command=["true"], user="65532:65532")
    with staying(containers.engine()) as stay, containers.connected() as connection:
        stay.create(plan)

        (found,) = connection.labelled(f"wasmctl.run={stay.run}")

        assert found.labels["wasmctl.pid"] == str(os.getpid())
        assert found.labels["wasmctl.started"].isdecimal()
    assert containers_in(docker, envoy_image) == []
