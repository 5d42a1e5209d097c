"""Builds in containers of a real engine, by a compiler that does what the test says."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests import components
from tests.builder_image import DONE, as_user, begun, left_in, scripted
from tests.command import WASMCTL, on_small_disk, run
from tests.docker_engine import DockerEngine, closed_to_most, open_to_all
from tests.projects import write

_SOMEBODY = 12345


class Bench:
    """An engine and an image for builds, and what they leave."""

    def __init__(self, engine: DockerEngine, image: str, folder: Path) -> None:
        self.engine = engine
        self._image = image
        self._folder = folder

    def project(self, script: str, name: str = "project") -> Path:
        """Make a project that is built by a script."""
        return scripted(self._folder / name, self._image, script)

    def build(self, folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
        """Build it to the end."""
        return run(self.words(folder, *words), environment=self.engine.environment)

    def words(self, folder: Path, *words: str) -> list[object]:
        """Return the command that builds it."""
        return [*WASMCTL, "build", "-C", folder, *words]

    @property
    def left(self) -> list[str]:
        """The containers that are there."""
        return left_in(self.engine, self._image)


@pytest.fixture
def bench(docker_engine: DockerEngine, scripted_image: str, tmp_path: Path) -> Bench:
    return Bench(docker_engine, scripted_image, tmp_path)


def _dist(folder: Path) -> set[str]:
    return {path.name for path in (folder / "dist").iterdir()}


def test_a_build_says_where_it_runs_and_leaves_the_module_alone(bench: Bench) -> None:
    folder = bench.project(f"echo compiling; {DONE}")

    finished = bench.build(folder)

    assert finished.returncode == 0, finished.stderr
    first, *rest = finished.stderr.splitlines()
    assert first.startswith("engine: container (image wasmctl-test/scripted:")
    assert bench.engine.endpoint in first
    assert "compiling" in rest
    assert _dist(folder) == {".build.lock", "build.json", "scripted.wasm"}
    assert bench.left == []


def test_the_record_has_the_image_its_tools_and_the_commands(bench: Bench) -> None:
    folder = bench.project(DONE)

    bench.build(folder)

    record = json.loads((folder / "dist/build.json").read_text())
    assert record["engine"] == "container"
    assert record["image"]["digest"].startswith("sha256:")
    assert record["tools"] == {"go": "1.99.0"}
    assert "go build -buildmode=c-shared" in record["commands"][0]


def test_unchanged_inputs_start_no_container(bench: Bench) -> None:
    folder = bench.project(DONE)
    bench.build(folder)

    again = bench.build(folder)

    assert again.stdout.startswith("up to date: ")
    assert again.stderr == ""


def test_the_compiler_has_no_rights_no_network_and_changes_nothing(bench: Bench) -> None:
    facts = "grep -E 'CapEff|NoNewPrivs' /proc/self/status; wc -l < /proc/net/route"
    refusals = "touch /src/x; touch /usr/x"
    folder = bench.project(f"{facts}; {refusals}; {DONE}")

    lines = bench.build(folder).stderr.split()

    assert lines[lines.index("CapEff:") + 1] == "0" * 16
    assert lines[lines.index("NoNewPrivs:") + 1 :][:2] == ["1", "1"]  # no route but the heading
    assert " ".join(lines).count("Read-only file system") == 2


def test_packages_are_fetched_with_proxies_and_certificates_once(bench: Bench) -> None:
    folder = bench.project(DONE)
    write(folder / "fetch.sh", 'cat "$SSL_CERT_FILE"; env | grep -i proxy; echo > /src/fetched')
    write(folder / "ca.pem", "a certificate\n")
    with (folder / "wasmctl.toml").open("a") as file:
        file.write('[network]\nca_file = "ca.pem"\n')
    proxies = {"https_proxy": "http://127.0.0.1:9", "GOPROXY": "off"}

    words = bench.words(folder)
    first = run(words, environment={**bench.engine.environment, **proxies})
    write(folder / "build.sh", f"{DONE}\n# more\n")
    second = run(words, environment={**bench.engine.environment, **proxies})

    assert first.returncode == 0, first.stderr
    assert {"a certificate", "https_proxy=http://127.0.0.1:9", "GOPROXY=off"} <= set(
        first.stderr.splitlines()
    )
    assert (folder / "fetched").exists()
    assert "go mod download" in first.stderr
    assert "go mod download" not in second.stderr


def test_a_registry_out_of_reach_exits_11(bench: Bench) -> None:
    folder = bench.project(DONE)
    write(folder / "fetch.sh", "echo 'dial tcp 127.0.0.1:9: connect: connection refused'; exit 1")

    finished = bench.build(folder)

    assert finished.returncode == 11
    assert "error: cannot reach the package registry: connection refused" in finished.stderr


def test_a_compiler_error_exits_5_and_keeps_the_last_module(bench: Bench) -> None:
    folder = bench.project(DONE)
    bench.build(folder)
    write(folder / "build.sh", "echo main.go:1: wrong >&2; exit 3")

    finished = bench.build(folder)

    assert finished.returncode == 5
    assert "main.go:1: wrong" in finished.stderr
    assert "could not compile the plugin: the program exited with 3" in finished.stderr
    assert _dist(folder) == {".build.lock", "build.json", "scripted.wasm"}
    assert bench.left == []


def test_a_compiler_that_writes_no_module_is_not_believed(bench: Bench) -> None:
    finished = bench.build(bench.project("true"))

    assert finished.returncode == 5
    assert "which left no module" in finished.stderr


def test_a_build_that_prints_100_mb_is_shown_whole_in_bounded_memory(bench: Bench) -> None:
    """Half of it lines, half of it one line without an end."""
    lines = "yes $(head -c 500 /dev/zero | tr '\\0' x) | head -c 50000000"
    flood = f"{lines}; tr '\\0' x < /dev/zero | head -c 50000000"
    folder = bench.project(f"{flood}; exit 1")
    script = 'ulimit -v 2000000; exec "$@" 2>&1 | wc -c'

    finished = run(
        ["sh", "-c", script, "sh", *bench.words(folder)], environment=bench.engine.environment
    )

    assert int(finished.stdout) > 100_000_000
    assert bench.left == []


def test_a_build_that_never_ends_is_stopped_in_time(bench: Bench) -> None:
    finished = bench.build(bench.project("echo begun; sleep 1000"), "--timeout", "5")

    assert finished.returncode == 12
    assert "begun" in finished.stderr
    assert "error: the build did not end within 5 s, and was stopped" in finished.stderr
    assert bench.left == []


def test_a_build_that_needs_more_memory_than_it_gets_exits_5(bench: Bench) -> None:
    folder = bench.project("tail /dev/zero")
    with (folder / "wasmctl.toml").open("a") as file:
        file.write("memory_mb = 64\n")

    finished = bench.build(folder)

    assert finished.returncode == 5
    assert "it needed more than 64 MiB of memory ([build.container] memory_mb)" in finished.stderr
    assert "hint:  let it have more" in finished.stderr


def test_a_full_disk_of_the_engine_exits_4(bench: Bench) -> None:
    finished = bench.build(bench.project("echo x: No space left on device >&2; exit 1"))

    assert finished.returncode == 4
    assert "error: the disk of the Docker Engine is full" in finished.stderr


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)]
)
def test_a_build_that_is_stopped_leaves_no_container(
    bench: Bench, number: signal.Signals, code: int
) -> None:
    folder = bench.project("echo begun; sleep 1000")

    with begun(bench.words(folder), bench.engine) as process:
        assert process.stderr
        while process.stderr.readline() != "begun\n":
            pass
        os.killpg(process.pid, number)
        process.communicate()

    deadline = time.monotonic() + 30
    while bench.left and time.monotonic() < deadline:
        time.sleep(0.1)  # what was killed leaves that to its guardian
    assert process.returncode == code
    assert bench.left == []
    assert not (folder / "dist/scripted.wasm").exists()


def test_output_is_live(bench: Bench) -> None:
    folder = bench.project(f"echo begun; while [ ! -f go.on ]; do sleep 0.1; done; {DONE}")

    with begun(bench.words(folder), bench.engine) as process:
        assert process.stderr
        while process.stderr.readline() != "begun\n":
            pass
        (folder / "go.on").touch()
        output, _ = process.communicate()

    assert output.startswith("built ")


@pytest.mark.parametrize("name", ["with a space", "плагин 'x' \"y\"", "a,b:c"])
def test_a_project_may_have_any_name(bench: Bench, name: str) -> None:
    folder = bench.project(f"cat 'an ü file'; {DONE}", name)
    write(folder / "an ü file", "its content\n")

    finished = bench.build(folder)

    assert finished.returncode == 0, finished.stderr
    assert "its content" in finished.stderr


@pytest.mark.parametrize("target", ["../outside.go", "/etc/hostname"])
def test_a_link_out_of_the_project_is_refused(bench: Bench, target: str) -> None:
    folder = bench.project(DONE)
    write(folder.parent / "outside.go", "package outside\n")
    (folder / "linked.go").symlink_to(target)

    finished = bench.build(folder)

    assert finished.returncode == 5
    assert f"linked.go is a link out of the project, to {target}" in finished.stderr


def test_a_link_within_the_project_is_followed(bench: Bench) -> None:
    folder = bench.project(f"cat sub/linked.txt; {DONE}")
    write(folder / "real/file.txt", "its content\n")
    (folder / "sub").mkdir()
    (folder / "sub/linked.txt").symlink_to("../real/file.txt")

    finished = bench.build(folder)

    assert "its content" in finished.stderr


def test_a_project_that_cannot_be_written_is_told(bench: Bench) -> None:
    folder = bench.project(DONE)
    place = folder.parent / "read-only"
    place.mkdir()
    script = 'cp -r "$0"/. "$1" && mount -o remount,ro "$1" && shift && exec "$@"'
    command = ["sh", "-c", script, folder, place, *bench.words(place)]

    finished = run(on_small_disk("size=1m", place, command), environment=bench.engine.environment)

    assert finished.returncode == 16
    assert "Read-only file system" in finished.stderr


def test_a_project_that_the_engine_does_not_see_is_sent(bench: Bench) -> None:
    """A disk that is there for the command alone, as for an engine on another machine."""
    folder = bench.project(f"cat deep/er/file.txt; {DONE}")
    write(folder / "deep/er/file.txt", "its content\n")
    expected = bench.build(folder)
    place = folder.parent / "elsewhere"
    place.mkdir()
    script = 'cp -r "$0"/. "$1" && rm -r "$1/dist" && shift && "$@" && cat "$6/dist/build.json"'
    command = ["sh", "-c", script, folder, place, *bench.words(place)]

    finished = run(on_small_disk("size=1m", place, command), environment=bench.engine.environment)

    assert finished.returncode == 0, finished.stderr
    assert f"does not see {place}: it is sent" in finished.stderr
    assert "its content" in finished.stderr
    assert expected.stdout.splitlines()[1] in finished.stdout


def test_what_a_user_without_rights_builds_is_that_users(bench: Bench) -> None:
    components.need("setpriv")
    components.need_root("becoming another user")
    folder = bench.project(f"id -u; touch /cache/go-build/mine; {DONE}")
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, _SOMEBODY, _SOMEBODY)
    home = {"XDG_CACHE_HOME": str(folder / "cache")}

    with open_to_all(bench.engine):
        finished = run(
            as_user(_SOMEBODY, bench.words(Path())),
            folder=folder,
            environment={**bench.engine.environment, **home},
        )

    assert finished.returncode == 0, finished.stderr
    assert str(_SOMEBODY) in finished.stderr.splitlines()
    owners = {path.stat().st_uid for path in folder.rglob("*")}
    assert owners == {_SOMEBODY}


def test_two_builds_at_once_take_turns(bench: Bench) -> None:
    folder = bench.project(f"sleep 1; {DONE}")

    with (
        begun(bench.words(folder), bench.engine) as one,
        begun(bench.words(folder), bench.engine) as two,
    ):
        outputs = [process.communicate()[0] for process in (one, two)]

    assert sorted(output.split()[0] for output in outputs) == ["built", "up"]


def test_builds_of_two_projects_at_once_share_the_cache(bench: Bench) -> None:
    folders = [bench.project(f"sleep 1; {DONE}", name) for name in ("one", "two")]

    with (
        begun(bench.words(folders[0]), bench.engine) as one,
        begun(bench.words(folders[1]), bench.engine) as two,
    ):
        outputs = [process.communicate()[0] for process in (one, two)]

    assert [output.split()[0] for output in outputs] == ["built", "built"]


def test_no_engine_exits_4(bench: Bench, tmp_path: Path) -> None:
    nowhere = {"DOCKER_HOST": f"unix://{tmp_path}/docker.sock"}

    finished = run(bench.words(bench.project(DONE)), environment=nowhere)

    assert finished.returncode == 4
    assert f"no Docker Engine answers at unix://{tmp_path}/docker.sock" in finished.stderr


def test_an_engine_that_one_may_not_use_exits_4(bench: Bench) -> None:
    components.need("setpriv")
    components.need_root("becoming another user")
    folder = bench.project(DONE)
    os.chown(folder, _SOMEBODY, _SOMEBODY)

    with closed_to_most(bench.engine):
        finished = run(
            as_user(_SOMEBODY, bench.words(Path())),
            folder=folder,
            environment=bench.engine.environment,
        )

    assert finished.returncode == 4
    assert f"no Docker Engine answers at {bench.engine.endpoint}: Permission" in finished.stderr
    assert "hint:  add yourself to the group `docker`" in finished.stderr


def test_an_image_that_cannot_be_had_exits_4(bench: Bench) -> None:
    finished = bench.build(bench.project(DONE), "--image", "127.0.0.1:9/none:1")

    assert finished.returncode == 4
    assert "has no image 127.0.0.1:9/none:1 and cannot pull it" in finished.stderr


def test_an_image_without_the_tools_exits_4(bench: Bench, debian_image: str) -> None:
    finished = bench.build(bench.project(DONE), "--image", debian_image)

    assert finished.returncode == 4
    assert f"the image {debian_image} has no Go: version 1.24 or newer is needed" in finished.stderr


def test_the_plan_of_each_engine_can_be_printed(bench: Bench) -> None:
    folder = bench.project(DONE)

    finished = bench.build(folder, "--print-plan", "--engine", "auto", "--format", "json")

    plans = json.loads(finished.stdout)
    assert plans["local"][0] == f"cd {folder}"
    fetch, compiling = plans["container"]
    assert "--network=bridge" in fetch
    assert f"source={folder},target=/src " in fetch
    assert "--network=none" in compiling
    assert f"source={folder},target=/src,readonly" in compiling
    assert compiling.endswith(
        "go build -buildmode=c-shared -trimpath -buildvcs=false -o /out/step/made.wasm ."
    )
    assert not (folder / "dist").exists()


def test_another_build_elsewhere_gives_the_same_bytes(bench: Bench) -> None:
    finished = bench.build(bench.project(DONE), "--check-reproducible", "--locked")

    assert finished.returncode == 0, finished.stderr


def test_a_build_that_depends_on_its_surroundings_is_drift(bench: Bench) -> None:
    """A section of the module, of ten bytes with its name, has the time."""
    section = r"""(printf '\0\12\1t'; date +%s%N | tail -c 9 | head -c 8) >> "$2" """
    folder = bench.project(f"{DONE}; {section}")

    finished = bench.build(folder, "--check-reproducible")

    assert finished.returncode == 13, finished.stderr
    assert "error: not reproducible: sha256:" in finished.stderr
