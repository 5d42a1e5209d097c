"""A scenario file made ready to run: every test with its plugin, messages and expectation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from wasmctl import files
from wasmctl.errors import DefinitionError
from wasmctl.project import Project
from wasmctl.testing import (
    consistency,
    expansion,
    mistakes,
    neighbours,
    scenario,
    sendings,
    source,
    step_reading,
    steps,
    surroundings,
    under_test,
)
from wasmctl.testing.blame import Wrong
from wasmctl.testing.scalars import Value
from wasmctl.testing.scenario import SuiteFile, Test
from wasmctl.testing.source import Document, Mistake
from wasmctl.testing.steps import Steps
from wasmctl.testing.targets.base import Surroundings
from wasmctl.testing.under_test import Plugins, PluginUnderTest
from wasmctl.testing.upstreams import Upstream

if TYPE_CHECKING:
    from wasmctl.host.given import Given


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One test, ready to run.

    Attributes:
        number: its place among the tests of its file, from 0.
        targets: the names of the targets it is for; None: for all.
        skip: why it does not run; None where it does.
        xfail: why it must fail; None where it must not. Either may be without words.

    """

    name: str
    number: int
    line: int
    targets: tuple[str, ...] | None
    plugins: tuple[PluginUnderTest, ...]
    steps: Steps
    upstreams: Mapping[str, Upstream] = field(default_factory=dict)
    shared_data: Mapping[str, Mapping[bytes, bytes]] = field(default_factory=dict)
    properties: "Mapping[tuple[str, ...], Given]" = field(default_factory=dict)
    surroundings: Surroundings = field(default_factory=Surroundings)
    tags: tuple[str, ...] = ()
    skip: str | None = None
    xfail: str | None = None

    @property
    def plugin(self) -> PluginUnderTest:
        """The only plugin, or the first of several."""
        return self.plugins[0]


@dataclass(frozen=True, kw_only=True)
class Suite:
    """The tests of one file.

    Attributes:
        snapshots: the names of those that any test of the file compares, chosen or not.

    """

    path: Path
    scenarios: tuple[Scenario, ...]
    snapshots: frozenset[str] = frozenset()


def open_suites(paths: list[Path], project: Project | None) -> tuple[Suite, ...]:
    """Read scenario files; what they do not say of the plugin, the project says.

    Raises DefinitionError with all mistakes of all files, FilesError and NotAPluginError where a
    module cannot be had.
    """
    root = project.root if project else None
    read = [_read_or_error(path, root) for path in paths]
    _raise_all([found for found in read if isinstance(found, DefinitionError)])
    plugins = Plugins(project=project)
    return tuple(_suite(*found, plugins) for found in read if isinstance(found, tuple))


def _suite(file: SuiteFile, document: Document, plugins: Plugins) -> Suite:
    scenarios = tuple(
        _scenario(test, index, file, document, plugins) for index, test in enumerate(file.tests)
    )
    wanted = (one for each in scenarios for one in steps.expectations(each.steps))
    named = frozenset(one.snapshot for one in wanted if one.snapshot is not None)
    return Suite(path=document.path, scenarios=scenarios, snapshots=named)


def _read_or_error(path: Path, root: Path | None) -> tuple[SuiteFile, Document] | DefinitionError:
    try:
        return read_file(path, root)
    except DefinitionError as error:
        return error


def _raise_all(errors: list[DefinitionError]) -> None:
    if not errors:
        return
    lines = [line for error in errors for line in (error.message, *error.details)]
    hint = errors[0].hint if len(errors) == 1 else "correct these files"
    raise DefinitionError(lines[0], hint=hint, details=tuple(lines[1:])) from errors[0]


def read_file(path: Path, root: Path | None = None) -> tuple[SuiteFile, Document]:
    """Read one scenario file; ``root`` is the folder of its project.

    Raises DefinitionError with all its mistakes.
    """
    around = neighbours.of(path, root)
    document = expansion.expand(source.read(files.read(path), path), around)
    file, errors = scenario.validate(document.value, around)
    wrongs = consistency.check(document.value)
    found = [
        *document.mistakes,
        *mistakes.of(errors, document),
        *(_mistake(wrong, document) for wrong in wrongs),
    ]
    if found or file is None:
        raise source.refusal(path, found)
    return file, document


def _mistake(wrong: Wrong, document: Document) -> Mistake:
    mark = document.key_mark(wrong.at) if wrong.is_key else document.mark(wrong.at)
    return Mistake(mark=mark, message=wrong.message)


def _scenario(
    test: Test, index: int, file: SuiteFile, document: Document, plugins: Plugins
) -> Scenario:
    chain = plugins.of(test, file, document.path)
    root = plugins.project.root if plugins.project else None
    return Scenario(
        name=test.name,
        number=index,
        line=document.mark(("tests", index)).line,
        targets=test.targets or file.targets,
        plugins=chain,
        steps=step_reading.of(
            test,
            file.defaults,
            lambda step: under_test.written_configuration(step, document.path),
            raw=_raw(document, index),
            neighbours=neighbours.of(document.path, root),
        ),
        upstreams=surroundings.upstreams(test, file),
        shared_data=under_test.shared_data(test, file, chain),
        properties={**dict(file.properties), **dict(test.properties)},
        surroundings=surroundings.of(test, file, sendings.origin_version(test, file.defaults)),
        tags=tuple(dict.fromkeys((*file.tags, *test.tags))),
        skip=_reason_to_skip(test, file),
        xfail=test.xfail,
    )


def _raw(document: Document, index: int) -> dict[str, Value]:
    tests = document.value["tests"]
    written = tests[index] if isinstance(tests, list) else None
    return written if isinstance(written, dict) else {}


def _reason_to_skip(test: Test, file: SuiteFile) -> str | None:
    if test.skip is None and not test.only and any(other.only for other in file.tests):
        return "another test of this file has only: true"
    return test.skip
