"""The plugins of a test: the test says how they are started, then its file, then the project."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from wasmctl import files, plugin
from wasmctl.abi.callbacks import CALLBACKS
from wasmctl.abi.hostcalls import HOSTCALLS
from wasmctl.abi.wasi import WASI_FUNCTIONS
from wasmctl.errors import DefinitionError, FilesError
from wasmctl.plugin import Plugin
from wasmctl.project import PluginTable, Project
from wasmctl.testing.plugin_models import Capabilities, PluginSettings
from wasmctl.testing.scenario import SuiteFile, Test
from wasmctl.testing.step_models import ReconfigureStep
from wasmctl.testing.targets.base import FailPolicy, PluginSetup

_Said = TypeVar("_Said")
_Default = TypeVar("_Default")


@dataclass(frozen=True, kw_only=True)
class PluginUnderTest:
    """A plugin of one test, and how it is to be started.

    Attributes:
        path: where its module is.

    """

    path: Path
    setup: PluginSetup

    @property
    def plugin(self) -> Plugin:
        """The plugin itself."""
        return self.setup.plugin


@dataclass(kw_only=True)
class Plugins:
    """Opens the plugins of tests, each module once."""

    project: Project | None
    _opened: dict[tuple[Path, bool], Plugin] = field(default_factory=dict)

    def of(self, test: Test, file: SuiteFile, path: Path) -> tuple[PluginUnderTest, ...]:
        """Return the plugins of a test in the scenario file at ``path``, as requests meet them.

        Raises DefinitionError where nobody names a module, FilesError where it or its
        configuration cannot be read, NotAPluginError where it is none.
        """
        several = test.plugins or file.plugins
        if several is None:
            return (self._only(test, file, path),)
        return tuple(
            self._one_of(written, number, test, file, path)
            for number, written in enumerate(several, 1)
        )

    def _only(self, test: Test, file: SuiteFile, path: Path) -> PluginUnderTest:
        table = self.project.file.plugin if self.project else PluginTable()
        own, shared = test.plugin, file.plugin
        config = test.config
        if config is None:
            said = next(filter(_says_configuration, (own, shared)), None)
            config = written_configuration(said, path) if said else self._default()
        module = self._module(own.wasm or shared.wasm, path)
        setup = _setup(self._open(module, test), (own, shared), _policy(own, shared, test, file))
        setup = replace(
            setup,
            configuration=config,
            root_id=_first(own.root_id, shared.root_id, table.root_id),
            vm_id=_first(own.vm_id, shared.vm_id, table.vm_id),
            environment={**table.env, **setup.environment},
        )
        return PluginUnderTest(path=module, setup=setup)

    def _one_of(
        self, written: PluginSettings, number: int, test: Test, file: SuiteFile, path: Path
    ) -> PluginUnderTest:
        module = self._module(written.wasm or file.plugin.wasm, path)
        setup = _setup(self._open(module, test), (written,), _policy(written, written, test, file))
        setup = replace(
            setup,
            name=setup.name or f"plugin-{number}",
            configuration=written_configuration(written, path),
        )
        return PluginUnderTest(path=module, setup=setup)

    def _default(self) -> bytes:
        return self.project.configuration() if self.project else b""

    def _module(self, named: str | None, path: Path) -> Path:
        if named:
            return path.parent / named
        if self.project:
            return self.project.output
        raise DefinitionError(
            f"{path} names no plugin, and there is no project",
            hint="add plugin: {wasm: FILE} to the file, or run in a project's folder",
        )

    def _open(self, path: Path, test: Test) -> Plugin:
        key = path, _expects_refusal(test)
        if key not in self._opened:
            if not path.exists():
                raise FilesError(f"no module at {path}", hint="build it first: wasmctl build")
            opened = plugin.unchecked(files.read(path)) if key[1] else plugin.open_plugin(path)
            self._opened[key] = opened
        return self._opened[key]


def _expects_refusal(test: Test) -> bool:
    """Whether a module that no host takes is what a test wants, by its reason.

    ``configured: false`` alone is not enough: a damaged file must not satisfy it unawares.
    """
    return test.expect is not None and test.expect.load_error is not None


def _setup(
    opened: Plugin, said: tuple[PluginSettings, ...], policy: tuple[FailPolicy | None, int]
) -> PluginSetup:
    """Return how a plugin starts; ``said`` are the tables, the closest to the test first."""
    return PluginSetup(
        plugin=opened,
        name=_last("", *(each.name for each in said)),
        root_id=_last("", *(each.root_id for each in said)),
        vm_id=_last("", *(each.vm_id for each in said)),
        vm_configuration=_last(b"", *(each.vm_config for each in said)),
        environment={key: value for each in reversed(said) for key, value in each.env.items()},
        fail_open=_last(None, *(each.fail_open for each in said)),
        fail_policy=policy[0],
        reload_backoff=policy[1],
        capabilities=_capabilities(_last(None, *(each.capabilities for each in said))),
        allow_on_headers_stop_iteration=_last(
            None, *(each.allow_on_headers_stop_iteration for each in said)
        ),
    )


def _policy(
    own: PluginSettings, shared: PluginSettings, test: Test, file: SuiteFile
) -> tuple[FailPolicy | None, int]:
    """Return what becomes of streams when the plugin has failed, and the backoff."""
    tables = (own, shared, test.host, file.host)
    backoff = next(filter(None, (table.reload_backoff for table in tables)), 0)
    is_flagged = own.fail_open is not None or shared.fail_open is not None
    asked = tables[:2] if is_flagged else tables
    policy = next(filter(None, (table.fail_policy for table in asked)), None)
    return (FailPolicy(policy) if policy else None), backoff


def written_configuration(said: PluginSettings | ReconfigureStep, path: Path) -> bytes:
    """Return the configuration that a table in the scenario file at ``path`` gives or names."""
    if said.config_file:
        return files.read(path.parent / said.config_file)
    return said.config or b""


def shared_data(
    test: Test, file: SuiteFile, plugins: tuple[PluginUnderTest, ...]
) -> Mapping[str, Mapping[bytes, bytes]]:
    """Return what is shared before the plugins start: by the first plugin's ``vm_id``."""
    found = {key.encode(): value for key, value in {**file.shared_data, **test.shared_data}.items()}
    return {plugins[0].setup.vm_id: found} if found else {}


def _says_configuration(settings: PluginSettings) -> bool:
    return settings.config is not None or settings.config_file is not None


def _capabilities(written: Capabilities | None) -> frozenset[str] | None:
    if written is None:
        return None
    if written.allow is not None:
        return frozenset(written.allow)
    return _ALL - frozenset(written.deny or ())


_ALL = frozenset(
    name for table in (*CALLBACKS.values(), *HOSTCALLS.values(), WASI_FUNCTIONS) for name in table
)


def _first(*texts: str | None) -> str:
    return next(text for text in texts if text is not None)


def _last(otherwise: _Default, *said: _Said | None) -> _Said | _Default:
    """Return the first that says something."""
    return next((each for each in said if each is not None), otherwise)
