"""The AssemblyScript SDK: plugins that do all it offers, on the host and in a real Envoy."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import projects
from tests.docker_engine import common
from tests.scenarios import not_passed, on_both_targets
from tests.sdk import making
from wasmctl import build, files, messages, project, scaffold
from wasmctl.host import Host, LoadError
from wasmctl.outcomes import reply

_TOUR = Path(__file__).parent / "assemblyscript"
_PATHS = ("/headers", "/set-all", "/shared", "/queue", "/properties", "/foreign", "/call", "/local")
_HEADERS = ((b"x-many", b"one"), (b"x-bytes", b"\xff"))
_AT_THE_TOP = """
import { Counter, PluginContext, log, registerPlugin } from "./proxy-wasm";

export * from "./proxy-wasm/callbacks/lifecycle";

log.info("at the top");
registerPlugin("", (id) => new PluginContextOfNobody(id));
class PluginContextOfNobody extends PluginContext {}
"""


@pytest.fixture(scope="session")
def packages(built: Callable[[scaffold.Template], Path]) -> Path:
    """A project with the compiler installed."""
    return built(scaffold.find("assemblyscript", "minimal"))


@pytest.fixture(scope="session")
def tour(packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project of all that the SDK offers, built once for all workers."""
    folder = common(tmp_path_factory) / "sdk-tour"
    with files.locked(folder.with_suffix(".lock")):
        if not folder.exists():
            making.make(folder, _TOUR, packages)
        build.build(project.load(folder))
    return folder


def test_all_that_the_sdk_offers_works_on_both_targets(tour: Path) -> None:
    report = on_both_targets(tour)

    assert not_passed(report) == []
    assert report.passed == len(report.results) > 0


def test_a_build_names_the_version_of_the_copy(tour: Path) -> None:
    version = (tour / "assembly/proxy-wasm/VERSION").read_text().strip()

    record = json.loads((tour / "dist/build.json").read_text())

    assert record["tools"]["sdk"] == version


def test_ten_thousand_streams_leave_no_memory_behind(tour: Path) -> None:
    requests = [messages.request(path, headers=_HEADERS) for path in _PATHS]
    answer = reply(messages.response(200, chunks=(b"answer",)))
    module = project.load(tour).output.read_bytes()

    with Host.start(module, root_id="tour", clusters={"service": lambda _callout: answer}) as host:
        _send(host, requests, 100)
        before = host.memory
        _send(host, requests, 10_000)
        after = host.memory

    assert host.trap is None
    assert after == before


def test_a_hundred_configurations_leave_no_memory_behind(tour: Path) -> None:
    module = project.load(tour).output.read_bytes()

    with Host.start(module, root_id="echo", name="p") as host:
        before = host.memory
        for number in range(100):
            host.reconfigure("p", b"%d" % number)
            host.http(messages.request("/"))
        after = host.memory

    assert host.trap is None
    assert after == before


def test_the_log_works_at_the_top_level(packages: Path, tmp_path: Path) -> None:
    module = _built(tmp_path, packages, _AT_THE_TOP)

    with Host.start(module) as host:
        logged = [line.text for line in host.logs]

    assert logged == ["at the top"]


def test_other_hostcalls_at_the_top_level_are_refused(packages: Path, tmp_path: Path) -> None:
    module = _built(tmp_path, packages, _AT_THE_TOP + 'new Counter("early");\n')

    with pytest.raises(LoadError) as refusal:
        Host.start(module)

    assert "proxy_define_metric" in str(refusal.value.trap)


def _send(host: Host, requests: list[messages.Message], count: int) -> None:
    for number in range(count):
        host.http(requests[number % len(requests)])


def _built(folder: Path, packages: Path, source: str) -> bytes:
    projects.write(folder / "source/assembly/index.ts", source)
    projects.write(
        folder / "source/wasmctl.toml",
        'schema = 1\n[project]\nname = "top"\nlanguage = "assemblyscript"\n',
    )
    made = making.make(folder / "project", folder / "source", packages)
    return build.build(project.load(made)).path.read_bytes()
