"""The plugin of a test: the test says how it is started, then its file, then the project."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from wasmctl import files, plugin
from wasmctl.errors import DefinitionError, FilesError
from wasmctl.plugin import Plugin
from wasmctl.project import PluginTable, Project
from wasmctl.testing.plugin_models import PluginSettings
from wasmctl.testing.scenario import SuiteFile, Test


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


@dataclass(kw_only=True)
class Plugins:
    """Opens the plugins of tests, each module once."""

    project: Project | None
    _opened: dict[Path, Plugin] = field(default_factory=dict)

    def of(self, test: Test, file: SuiteFile, path: Path) -> PluginUnderTest:
        """Return the plugin of a test in the scenario file at ``path``.

        Raises DefinitionError where nobody names a module, FilesError where it or its
        configuration cannot be read, NotAPluginError where it is none.
        """
        table = self.project.file.plugin if self.project else PluginTable()
        module = self._module(test, file, path)
        return PluginUnderTest(
            path=module,
            plugin=self._open(module),
            configuration=self._configuration(test, file, path),
            root_id=_first(test.plugin.root_id, file.plugin.root_id, table.root_id),
            vm_id=_first(test.plugin.vm_id, file.plugin.vm_id, table.vm_id),
            environment={**table.env, **file.plugin.env, **test.plugin.env},
        )

    def _module(self, test: Test, file: SuiteFile, path: Path) -> Path:
        named = test.plugin.wasm or file.plugin.wasm
        if named:
            return path.parent / named
        if self.project:
            return self.project.output
        raise DefinitionError(
            f"{path} names no plugin, and there is no project",
            hint="add plugin: {wasm: FILE} to the file, or run in a project's folder",
        )

    def _open(self, path: Path) -> Plugin:
        if path not in self._opened:
            if not path.exists():
                raise FilesError(f"no module at {path}", hint="build it first: wasmctl build")
            self._opened[path] = plugin.open_plugin(path)
        return self._opened[path]

    def _configuration(self, test: Test, file: SuiteFile, path: Path) -> bytes:
        if test.config is not None:
            return test.config
        said = next(filter(_says_configuration, (test.plugin, file.plugin)), None)
        if said is None:
            return self.project.configuration() if self.project else b""
        return (
            files.read(path.parent / said.config_file) if said.config_file else said.config or b""
        )


def _says_configuration(settings: PluginSettings) -> bool:
    return settings.config is not None or settings.config_file is not None


def _first(*texts: str | None) -> str:
    return next(text for text in texts if text is not None)
