"""``wasmctl runs`` and ``wasmctl run --detach``."""

import json
import subprocess
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.cli.runs import envoys_of, ran, run_folders, running, state
from tests.command import WASMCTL, surroundings, wasmctl
from tests.envoy.plugins import ADD_HEADER, CONTINUE, FALSE, SAY, TRUE, plugin


def runs(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return wasmctl("runs", *words, folder=folder, environment=state(folder))


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder with plugins, whose runs are ended."""
    body = SAY + ADD_HEADER.format(map=2) + CONTINUE
    made = plugin(configure=SAY + TRUE, response_headers=body)
    (tmp_path / "p.wasm").write_bytes(made.content)
    (tmp_path / "refuses.wasm").write_bytes(plugin(configure=FALSE).content)
    yield tmp_path
    runs(tmp_path, "stop", "--all")


def listed(folder: Path) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(runs(folder, "ls", "--format", "json").stdout)
    return found


def test_a_detached_run_goes_on_until_it_is_stopped(folder: Path) -> None:
    started = ran(folder, "p.wasm", "--detach", "--format", "json")
    record = json.loads(started.stdout)
    connection = HTTPConnection(str(urlsplit(record["url"]).netloc), timeout=60)
    connection.request("GET", "/")
    answered = connection.getresponse().headers["x-plugin"]
    connection.close()
    stopped = runs(folder, "stop", record["name"])

    assert answered == "here"
    assert stopped.stdout == f"stopped {record['name']}\n"
    assert envoys_of(folder) == []
    assert [run["state"] for run in listed(folder)] == ["ended"]


def test_a_detached_run_that_fails_says_why_with_its_code(folder: Path) -> None:
    done = ran(folder, "refuses.wasm", "--detach")

    assert done.returncode == 9
    assert "error: the plugin refused its configuration" in done.stderr


def test_logs_are_what_the_plugins_said(folder: Path) -> None:
    ran(folder, "p.wasm", "--duration", "0.1")

    of_plugins = runs(folder, "logs").stdout
    of_envoy = runs(folder, "logs", "--envoy", "--tail", "1").stdout

    assert of_plugins.endswith("info     p: text\n")
    assert "envoy: " in of_envoy


def test_logs_are_followed_until_the_run_ends(folder: Path) -> None:
    with running(folder, "p.wasm") as started:
        started.wait_for("info     p: text")
        command = [*WASMCTL, "runs", "logs", "--follow"]
        with subprocess.Popen(
            command, env=surroundings(state(folder)), stdout=subprocess.PIPE, text=True
        ) as following:
            assert following.stdout
            first = following.stdout.readline()
            started.get()
            second = following.stdout.readline()
            started.end()
            ended = following.wait(60)

    assert first.endswith("p: text\n")
    assert second.endswith("p: text\n")
    assert ended == 0


def test_a_run_whose_owner_was_killed_is_lost(folder: Path) -> None:
    with running(folder, "p.wasm") as started:
        started.process.kill()
        started.process.wait(60)

    assert [run["state"] for run in listed(folder)] == ["lost"]


def test_the_last_ten_that_ended_are_kept(folder: Path) -> None:
    for _ in range(12):
        ran(folder, "refuses.wasm")

    assert len(run_folders(folder)) == 11  # the newest had not ended when it looked
    runs(folder, "rm", "--all")
    assert run_folders(folder) == []


def test_a_run_that_goes_on_is_not_removed(folder: Path) -> None:
    with running(folder, "p.wasm"):
        refused = runs(folder, "rm")

    assert refused.returncode == 2
    assert "end it first: wasmctl runs stop" in refused.stderr


@pytest.mark.parametrize("words", [["stop"], ["logs"], ["rm"]])
def test_without_runs_there_is_nothing_to_do(folder: Path, words: list[str]) -> None:
    done = runs(folder, *words)

    assert done.returncode == 2
    assert "there are no runs" in done.stderr


def test_a_name_that_is_nearly_right_is_offered(folder: Path) -> None:
    ran(folder, "refuses.wasm")

    done = runs(folder, "rm", "refuses")

    assert "did you mean 'refuses-" in done.stderr
