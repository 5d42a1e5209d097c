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
    is_running,
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
    with holding(docker, envoy_image, tmp_path / "t") as holder:
        assert holder.line() == "starting"
        container = holder.line()
        children = holder.children()
        was_there = container in containers_in(docker, envoy_image)

        holder.process.send_signal(number)

        _nothing_is_left(docker, envoy_image, holder, children)
    assert was_there
    assert len(children) >= 2  # the guardian and the relay


def test_cycles_with_random_signals_at_random_moments_leave_nothing(
    docker: DockerEngine, envoy_image: str, tmp_path: Path
) -> None:
    # Seeded by pytest-randomly, whose seed is printed.
    chance = random.Random(random.random())  # noqa: S311 - no secret
    for cycle in range(_CYCLES):
        with holding(docker, envoy_image, tmp_path / str(cycle)) as holder:
            assert holder.line() == "starting"
            time.sleep(chance.uniform(0, 0.8))
            children = holder.children()

            holder.process.send_signal(chance.choice(_SIGNALS))

            _nothing_is_left(docker, envoy_image, holder, children)


def _nothing_is_left(
    docker: DockerEngine, envoy_image: str, holder: Holder, children: list[int]
) -> None:
    holder.process.wait(30)
    eventually(lambda: not any(map(is_running, children)), "a process was left behind")
    assert containers_in(docker, envoy_image) == []
    # The run folder itself is its owner's: one that was killed leaves it, without sockets.
    assert [path for path in holder.place.rglob("*") if path.is_socket()] == []
    if holder.process.returncode != -signal.SIGKILL:
        assert list(holder.place.iterdir()) == []


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
