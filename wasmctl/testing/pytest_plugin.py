"""pytest collects scenario files: ``*.wasmtest.yaml`` are items, one for each test and target.

Nothing of wasmctl is loaded before there is a scenario file to collect, or a test that wants the
`wasm` fixture, so who has neither pays nothing. Each item has its own VM and, on Envoy, its own
Envoy: items may run in any order, and in any of xdist's processes.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from wasmctl.host import Host
    from wasmctl.project import Project
    from wasmctl.testing.report import Result
    from wasmctl.testing.suite import Scenario, Suite

_SUFFIXES = (".wasmtest.yaml", ".wasmtest.yml")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that say where and how scenarios run."""
    group = parser.getgroup("wasmctl")
    group.addoption(
        "--wasm-target",
        metavar="TARGETS",
        help="where *.wasmtest.yaml run: harness, envoy or harness,envoy (default: the project's)",
    )
    group.addoption(
        "--wasm-trace",
        action="store_true",
        help="show the calls between host and plugin of scenarios, all of them",
    )
    group.addoption(
        "--wasm-update-snapshots",
        action="store_true",
        help="let the snapshots of scenarios hold what is seen now",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Let tags of scenarios be markers where markers are strict: each is known once it is met."""
    config.addinivalue_line("markers", "wasm: a scenario of wasmctl")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "ScenarioFile | None":
    """Collect a scenario file."""
    if not file_path.name.endswith(_SUFFIXES):
        return None
    return ScenarioFile.from_parent(parent, path=file_path)


class ScenarioFile(pytest.File):
    """A scenario file, its items grouped by target."""

    def collect(self) -> Iterator[pytest.Item]:
        """Read the file; a mistake in it is an error of collection, in wasmctl's words."""
        from wasmctl.errors import WasmctlError  # noqa: PLC0415 - see the module's docstring
        from wasmctl.testing import suite  # noqa: PLC0415

        try:
            project = _project_of(self.path)
            (opened,) = suite.open_suites([self.path], project)
            names = _targets(self.config.getoption("--wasm-target"), project)
        except WasmctlError as error:
            raise self.CollectError(_words(error)) from None
        for name in names:
            for scenario in opened.scenarios:
                yield ScenarioItem.from_parent(
                    self,
                    name=f"{scenario.name}[{name}]",
                    suite=opened,
                    scenario=scenario,
                    target=name,
                )


class ScenarioItem(pytest.Item):
    """One test of a scenario file on one target."""

    def __init__(
        self,
        *,
        suite: "Suite",
        scenario: "Scenario",
        target: str,
        **others: Any,  # noqa: ANN401 - what pytest gives every node
    ) -> None:
        super().__init__(**others)
        self._suite = suite
        self._scenario = scenario
        self._target = target
        for tag in ("wasm", *scenario.tags):
            self.config.addinivalue_line("markers", f"{tag}: a tag of a scenario")
            self.add_marker(tag)

    def runtest(self) -> None:
        """Play the test, and fail or skip as it says."""
        from dataclasses import replace  # noqa: PLC0415 - see the module's docstring

        from wasmctl.testing.play import Manner, play_suite  # noqa: PLC0415
        from wasmctl.testing.report import Outcome  # noqa: PLC0415
        from wasmctl.testing.targets import TARGETS  # noqa: PLC0415

        alone = replace(self._suite, scenarios=(self._scenario,))
        manner = Manner(
            trace=self.config.getoption("--wasm-trace"),
            update_snapshots=self.config.getoption("--wasm-update-snapshots"),
        )
        (result,) = play_suite(alone, TARGETS[self._target](), manner)
        if manner.trace and result.timeline:
            self.add_report_section("call", "calls between host and plugin", _told(result))
        if result.outcome is Outcome.SKIPPED:
            pytest.skip("; ".join(result.messages))
        if result.outcome is Outcome.FAILED:
            raise ScenarioFailedError(result)

    def repr_failure(
        self,
        excinfo: pytest.ExceptionInfo[BaseException],
        style: Any = None,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401 - pytest's own representation
        """Show what was expected and what was seen, and nothing of our own code."""
        from wasmctl.errors import WasmctlError  # noqa: PLC0415 - see the module's docstring

        if isinstance(excinfo.value, ScenarioFailedError):
            return str(excinfo.value)
        if isinstance(excinfo.value, WasmctlError):
            return _words(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Say where the test is."""
        return self.path, self._scenario.line - 1, self.name


class ScenarioFailedError(Exception):
    """A scenario that was not as expected."""

    def __init__(self, result: "Result") -> None:
        lines = [*result.messages, *result.evidence, *result.told_calls]
        super().__init__("\n".join([f"{result.file}:{result.line}: {result.name}", *lines]))


class StartHost:
    """What the `wasm` fixture is: it starts plugins on the embedded host, and ends them."""

    def __init__(self, folder: Path, running: ExitStack) -> None:
        self._folder = folder
        self._running = running

    def __call__(
        self, module: str | Path, *, config: object = b"", root_id: str = "", vm_id: str = ""
    ) -> "Host":
        """Start a plugin.

        Args:
            module: the file, relative to the folder of the test.
            config: its configuration: bytes or a text as it is, anything else as JSON.
            root_id: which of the module's plugins is meant.
            vm_id: the name under which machines share data.

        Raises LoadError where a real Envoy would refuse.

        """
        import json  # noqa: PLC0415 - see the module's docstring

        from wasmctl.host import Host  # noqa: PLC0415

        if isinstance(config, bytes | str):
            content = config.encode() if isinstance(config, str) else config
        else:
            content = json.dumps(config).encode()
        plugin = (self._folder / module).read_bytes()
        host = Host.start(plugin, configuration=content, root_id=root_id, vm_id=vm_id)
        return self._running.enter_context(host)


@pytest.fixture
def wasm(request: pytest.FixtureRequest) -> Iterator[StartHost]:
    """Start plugins on the embedded host; each ends with the test."""
    with ExitStack() as running:
        yield StartHost(request.path.parent, running)


def _project_of(path: Path) -> "Project | None":
    from wasmctl import project  # noqa: PLC0415 - see the module's docstring

    above = (folder for folder in path.parents if (folder / project.FILE_NAME).is_file())
    root = next(above, None)
    return project.load(root) if root else None


def _targets(option: str | None, project: "Project | None") -> list[str]:
    from wasmctl.errors import UsageError  # noqa: PLC0415 - see the module's docstring
    from wasmctl.testing.targets import TARGETS  # noqa: PLC0415

    default = project.file.test.on if project else ("harness",)
    names = list(dict.fromkeys(option.split(",") if option else default))
    for name in names:
        if name not in TARGETS:
            hint = f"targets are {', '.join(TARGETS)}"
            raise UsageError(f"--wasm-target: unknown target {name!r}", hint=hint)
    return names


def _told(result: "Result") -> str:
    return "\n".join(result.timeline)


def _words(error: Any) -> str:  # noqa: ANN401 - WasmctlError is not loaded yet
    return "\n".join((error.message, *error.details, f"hint: {error.hint}"))
