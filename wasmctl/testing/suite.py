"""A scenario file made ready to run: every test with its plugin, messages and expectation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from wasmctl import files, messages, plugin
from wasmctl.errors import DefinitionError, FilesError
from wasmctl.messages import Message
from wasmctl.plugin import Plugin
from wasmctl.project import Project
from wasmctl.testing import consistency, fields, mistakes, scenario, source
from wasmctl.testing.blame import Wrong
from wasmctl.testing.scenario import (
    Expectation,
    PluginSettings,
    Reply,
    Request,
    SuiteFile,
    Test,
)
from wasmctl.testing.source import Document, Mistake


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """A step: a request through the plugin, and what the upstream answers if it is reached."""

    request: Message
    reply: Message


@dataclass(frozen=True, kw_only=True)
class PluginUnderTest:
    """The plugin of one test, and how it is to be started.

    Attributes:
        path: where its module is.

    """

    path: Path
    plugin: Plugin
    configuration: bytes
    root_id: str
    vm_id: str
    environment: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One test, ready to run.

    Attributes:
        targets: the names of the targets it is for; None: for all.

    """

    name: str
    line: int
    targets: tuple[str, ...] | None
    plugin: PluginUnderTest
    steps: tuple[Exchange, ...]
    expectation: Expectation


@dataclass(frozen=True, kw_only=True)
class Suite:
    """The tests of one file."""

    path: Path
    scenarios: tuple[Scenario, ...]


def open_suites(paths: list[Path], project: Project | None) -> tuple[Suite, ...]:
    """Read scenario files; what they do not say of the plugin, the project says.

    Raises DefinitionError with all mistakes of all files, FilesError and NotAPluginError where a
    module cannot be had.
    """
    read = [_read_or_error(path) for path in paths]
    _raise_all([found for found in read if isinstance(found, DefinitionError)])
    opener = _Opener(project=project)
    return tuple(opener.suite(*found) for found in read if not isinstance(found, DefinitionError))


def _read_or_error(path: Path) -> tuple[SuiteFile, Document] | DefinitionError:
    try:
        return read_file(path)
    except DefinitionError as error:
        return error


def _raise_all(errors: list[DefinitionError]) -> None:
    if not errors:
        return
    lines = [line for error in errors for line in (error.message, *error.details)]
    hint = errors[0].hint if len(errors) == 1 else "correct these files"
    raise DefinitionError(lines[0], hint=hint, details=tuple(lines[1:])) from errors[0]


def read_file(path: Path) -> tuple[SuiteFile, Document]:
    """Read one scenario file.

    Raises DefinitionError with all its mistakes.
    """
    document = source.read(files.read(path), path)
    file, errors = scenario.validate(document.value)
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


@dataclass(kw_only=True)
class _Opener:
    """Opens the plugins of the tests, each module once."""

    project: Project | None
    opened: dict[Path, Plugin] = field(default_factory=dict)

    def suite(self, file: SuiteFile, document: Document) -> Suite:
        scenarios = tuple(
            self._scenario(test, index, file, document) for index, test in enumerate(file.tests)
        )
        return Suite(path=document.path, scenarios=scenarios)

    def _scenario(self, test: Test, index: int, file: SuiteFile, document: Document) -> Scenario:
        return Scenario(
            name=test.name,
            line=document.mark(("tests", index)).line,
            targets=test.targets or file.targets,
            plugin=self._plugin(test, file, document.path),
            steps=_steps(test, file),
            expectation=test.expect,
        )

    def _plugin(self, test: Test, file: SuiteFile, path: Path) -> PluginUnderTest:
        settings = (test.plugin, file.plugin)
        table = self.project.file.plugin if self.project else None
        module = self._module(settings, path)
        return PluginUnderTest(
            path=module,
            plugin=self._open(module),
            configuration=self._configuration(test, settings, path),
            root_id=_first(*(s.root_id for s in settings), table.root_id if table else ""),
            vm_id=_first(*(s.vm_id for s in settings), table.vm_id if table else ""),
            environment={**(table.env if table else {}), **file.plugin.env, **test.plugin.env},
        )

    def _module(self, settings: tuple[PluginSettings, ...], path: Path) -> Path:
        named = next((s.wasm for s in settings if s.wasm), None)
        if named:
            return path.parent / named
        if self.project:
            return self.project.output
        raise DefinitionError(
            f"{path} names no plugin, and there is no project",
            hint="add plugin: {wasm: FILE} to the file, or run in a project's folder",
        )

    def _open(self, path: Path) -> Plugin:
        if path not in self.opened:
            if not path.exists():
                raise FilesError(f"no module at {path}", hint="build it first: wasmctl build")
            self.opened[path] = plugin.open_plugin(path)
        return self.opened[path]

    def _configuration(self, test: Test, settings: tuple[PluginSettings, ...], path: Path) -> bytes:
        if test.config is not None:
            return test.config
        for setting in settings:
            if setting.config is not None:
                return setting.config
            if setting.config_file is not None:
                return files.read(path.parent / setting.config_file)
        return self.project.configuration() if self.project else b""


def _first(*texts: str | None) -> str:
    return next(text for text in texts if text is not None)


def _steps(test: Test, file: SuiteFile) -> tuple[Exchange, ...]:
    if test.request is None:
        return ()
    request = _request(test.request, file.defaults.request or Request())
    reply = _reply(test.reply or Reply(), file.defaults.reply or Reply())
    return (Exchange(request=request, reply=reply),)


def _request(own: Request, default: Request) -> Message:
    return messages.request(
        _first(own.path, default.path, "/"),
        method=_first(own.method, default.method, "GET"),
        authority=_first(own.authority, default.authority, "example.test"),
        scheme=_first(own.scheme, default.scheme, "http"),
        headers=fields.merged(default.headers, own.headers),
        chunks=_chunks(own.body, default.body),
        trailers=fields.merged(default.trailers, own.trailers),
    )


def _reply(own: Reply, default: Reply) -> Message:
    return messages.response(
        own.status or default.status or 200,
        headers=fields.merged(default.headers, own.headers),
        chunks=_chunks(own.body, default.body),
        trailers=fields.merged(default.trailers, own.trailers),
    )


def _chunks(own: tuple[bytes, ...] | None, default: tuple[bytes, ...] | None) -> tuple[bytes, ...]:
    return own if own is not None else default or ()
