"""Builds in containers of a real engine, by a compiler that does what the test says."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import components
from tests.builder_image import DONE, as_user
from tests.command import checkout, on_small_disk, run
from tests.docker_engine import DockerEngine, open_to_all
from tests.projects import tiny_go, write
from tests.workbench import Workbench

_SOMEBODY = 12345


def _dist(folder: Path) -> set[str]:
    return {path.name for path in (folder / "dist").iterdir()}


def test_a_build_says_where_it_runs_and_leaves_the_module_alone(bench: Workbench) -> None:
    folder = bench.project(f"echo compiling; {DONE}")

    finished = bench.build(folder)

    assert finished.returncode == 0, finished.stderr
    first, *rest = finished.stderr.splitlines()
    assert first.startswith("engine: container (image wasmctl-test/scripted:")
    assert bench.engine.endpoint in first
    assert "compiling" in rest
    assert _dist(folder) == {".build.lock", "build.json", "scripted.wasm"}
    assert bench.left == []


def test_the_record_has_the_image_its_tools_and_the_commands(bench: Workbench) -> None:
    folder = bench.project(DONE)

    bench.build(folder)

    record = json.loads((folder / "dist/build.json").read_text())
    assert record["engine"] == "container"
    assert record["image"]["digest"].startswith("sha256:")
    assert record["tools"] == {"go": "1.99.0"}
    assert "go build -buildmode=c-shared" in record["commands"][0]


def test_unchanged_inputs_start_no_container(bench: Workbench) -> None:
    folder = bench.project(DONE)
    bench.build(folder)

    again = bench.build(folder)

    assert again.stdout.startswith("up to date: ")
    assert again.stderr == ""


def test_the_compiler_has_no_rights_no_network_and_changes_nothing(bench: Workbench) -> None:
    facts = "grep -E 'CapEff|NoNewPrivs' /proc/self/status; wc -l < /proc/net/route"
    refusals = "touch /src/x; touch /usr/x"
    folder = bench.project(f"{facts}; {refusals}; {DONE}")

    lines = bench.build(folder).stderr.split()

    assert lines[lines.index("CapEff:") + 1] == "0" * 16
    assert lines[lines.index("NoNewPrivs:") + 1 :][:2] == ["1", "1"]  # no route but the heading
    assert " ".join(lines).count("Read-only file system") == 2


def test_packages_are_fetched_with_proxies_and_certificates_once(bench: Workbench) -> None:
    folder = bench.project(DONE)
    write(folder / "fetch.sh", 'cat "$SSL_CERT_FILE"; env | grep -i proxy; echo > /src/fetched')
    write(folder / "ca.pem", "a certificate\n")
    with (folder / "wasmctl.toml").open("a") as file:
        file.write('[network]\nca_file = "ca.pem"\n')
    proxies = {"https_proxy": "http://127.0.0.1:9", "GOPROXY": "off"}

    words = bench.words(folder)
    first = run(words, environment={**bench.environment, **proxies})
    write(folder / "build.sh", f"{DONE}\n# more\n")
    second = run(words, environment={**bench.environment, **proxies})

    assert first.returncode == 0, first.stderr
    assert {"a certificate", "https_proxy=http://127.0.0.1:9", "GOPROXY=off"} <= set(
        first.stderr.splitlines()
    )
    assert (folder / "fetched").exists()
    assert "go mod download" in first.stderr
    assert "go mod download" not in second.stderr


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)]
)
def test_a_build_that_is_stopped_leaves_no_container(
    bench: Workbench, number: signal.Signals, code: int
) -> None:
    folder = bench.project("echo begun; sleep 1000")

    with bench.begun(bench.words(folder)) as process:
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


@pytest.mark.parametrize("target", ["../outside.go", "/etc/hostname"])
def test_a_link_out_of_the_project_is_refused(bench: Workbench, target: str) -> None:
    folder = bench.project(DONE)
    write(folder.parent / "outside.go", "package outside\n")
    (folder / "linked.go").symlink_to(target)

    finished = bench.build(folder)

    assert finished.returncode == 5
    assert f"linked.go is a link out of the project, to {target}" in finished.stderr


def test_a_link_within_the_project_is_followed(bench: Workbench) -> None:
    folder = bench.project(f"cat sub/linked.txt; {DONE}")
    write(folder / "real/file.txt", "its content\n")
    (folder / "sub").mkdir()
    (folder / "sub/linked.txt").symlink_to("../real/file.txt")

    finished = bench.build(folder)

    assert "its content" in finished.stderr


def test_a_project_that_the_engine_does_not_see_is_sent(bench: Workbench) -> None:
    """A disk that is there for the command alone, as for an engine on another machine."""
    folder = bench.project(f"cat deep/er/file.txt; {DONE}")
    write(folder / "deep/er/file.txt", "its content\n")
    expected = bench.build(folder)
    place = folder.parent / "elsewhere"
    place.mkdir()
    script = 'cp -r "$0"/. "$1" && rm -r "$1/dist" && shift && "$@" && cat "$6/dist/build.json"'
    command = ["sh", "-c", script, folder, place, *bench.words(place)]

    finished = run(on_small_disk("size=1m", place, command), environment=bench.environment)

    assert finished.returncode == 0, finished.stderr
    assert f"does not see {place}: it is sent" in finished.stderr
    assert "its content" in finished.stderr
    assert expected.stdout.splitlines()[1] in finished.stdout


def test_what_a_user_without_rights_builds_is_that_users(bench: Workbench) -> None:
    components.need("setpriv")
    components.need_root("becoming another user")
    folder = bench.project(f"id -u; touch /cache/go-build/mine; {DONE}")
    write(folder / "fetch.sh", "touch fetched\n")
    for path in [bench.temporary, folder, *folder.rglob("*")]:
        os.chown(path, _SOMEBODY, _SOMEBODY)
    home = {"XDG_CACHE_HOME": str(folder / "cache")}

    with open_to_all(bench.engine):
        finished = run(
            as_user(_SOMEBODY, bench.words(Path())),
            folder=folder,
            environment={**bench.environment, **home},
        )

    assert finished.returncode == 0, finished.stderr
    assert str(_SOMEBODY) in finished.stderr.splitlines()
    assert _owners(folder) == {(_SOMEBODY, _SOMEBODY)}
    assert (folder / "fetched").exists()


def test_what_the_caller_builds_is_the_callers(bench: Workbench) -> None:
    folder = bench.project(f"id -u; {DONE}")
    write(folder / "fetch.sh", "touch fetched\n")

    finished = bench.build(folder)

    assert str(os.geteuid()) in finished.stderr.splitlines()
    assert _owners(folder) == {(os.geteuid(), os.getegid())}
    assert (folder / "fetched").exists()


def _owners(folder: Path) -> set[tuple[int, int]]:
    return {(path.stat().st_uid, path.stat().st_gid) for path in folder.rglob("*")}


def test_the_module_s_own_volume_goes_with_the_container(bench: Workbench) -> None:
    folder = bench.project(f"grep ' /out ' /proc/self/mountinfo; {DONE}")

    finished = bench.build(folder)

    volume = re.search(r"/volumes/([0-9a-f]{64})/_data /out ", finished.stderr)
    assert volume
    looked = run(["docker", "volume", "inspect", volume[1]], environment=bench.environment)
    assert "no such volume" in looked.stderr.lower()


def test_the_current_context_names_the_engine(bench: Workbench, tmp_path: Path) -> None:
    settings = {**bench.environment, "DOCKER_HOST": "", "DOCKER_CONFIG": str(tmp_path / "docker")}
    endpoint = f"host={bench.engine.endpoint}"
    for words in (("create", "mine", "--docker", endpoint), ("use", "mine")):
        assert run(["docker", "context", *words], environment=settings).returncode == 0

    finished = run(bench.words(bench.project(DONE)), environment=settings)

    assert finished.returncode == 0, finished.stderr
    assert bench.engine.endpoint in finished.stderr.splitlines()[0]


def test_an_engine_reached_by_tcp_that_sees_the_project_is_sent_nothing(bench: Workbench) -> None:
    folder = bench.project(f"touch /src/x; {DONE}")

    with _by_tcp(bench.engine) as endpoint:
        finished = run(
            bench.words(folder), environment={**bench.environment, "DOCKER_HOST": endpoint}
        )

    assert finished.returncode == 0, finished.stderr
    assert endpoint in finished.stderr.splitlines()[0]
    assert "it is sent" not in finished.stderr
    assert "Read-only file system" in finished.stderr


@contextlib.contextmanager
def _by_tcp(engine: DockerEngine) -> Iterator[str]:
    """Give an endpoint at which the engine is reached by TCP."""

    class Door(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.socket(socket.AF_UNIX) as inside:
                inside.connect(engine.endpoint.removeprefix("unix://"))
                back = threading.Thread(target=_carry, args=(inside, self.request))
                back.start()
                _carry(self.request, inside)
                back.join()

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Door) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        try:
            yield f"tcp://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def _carry(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while content := source.recv(1 << 16):
            target.sendall(content)
        target.shutdown(socket.SHUT_WR)


def test_an_image_of_tools_that_cannot_be_made_exits_4(bench: Workbench, tmp_path: Path) -> None:
    """A wasmctl whose image has a name of its own, and a network without Debian's packages."""
    package = shutil.copytree(checkout() / "wasmctl", tmp_path / "package/wasmctl")
    dockerfile = package / "languages/images/go.Dockerfile"
    dockerfile.write_text(dockerfile.read_text().replace("RUN ", f"RUN : '{tmp_path}' && "))
    folder = tiny_go(tmp_path / "tiny")
    with (folder / "wasmctl.toml").open("a") as file:
        file.write('[build]\nengine = "container"\n[build.container]\nnetwork = "none"\n')
    environment = {**bench.environment, "PYTHONPATH": str(package.parent)}

    finished = run(bench.words(folder), folder=tmp_path, environment=environment)

    name = re.search("cannot make the image (wasmctl-builder-go:[0-9a-f]{12}): ", finished.stderr)
    assert finished.returncode == 4, finished.stderr
    assert name
    assert "hint:  it needs the network once, to reach Debian's packages" in finished.stderr
    assert run(["docker", "image", "inspect", name[1]], environment=environment).returncode == 1
    assert _dist(folder) == {".build.lock"}


def test_builds_of_two_projects_at_once_share_the_cache(bench: Workbench) -> None:
    folders = [bench.project(f"sleep 1; {DONE}", name) for name in ("one", "two")]

    with (
        bench.begun(bench.words(folders[0])) as one,
        bench.begun(bench.words(folders[1])) as two,
    ):
        outputs = [process.communicate()[0] for process in (one, two)]

    assert [output.split()[0] for output in outputs] == ["built", "built"]


def test_the_plan_of_each_engine_can_be_printed(bench: Workbench) -> None:
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
