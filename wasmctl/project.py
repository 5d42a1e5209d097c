"""The project file ``wasmctl.toml``: its tables, its mistakes by line, its paths resolved."""

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from wasmctl import files, spelling, toml_lines
from wasmctl.errors import DefinitionError

FILE_NAME = "wasmctl.toml"

LanguageName = Literal["assemblyscript", "go", "rust"]
EngineName = Literal["auto", "local", "container"]
OptimizationLevel = Literal["1", "2", "3", "4", "s", "z"]
TargetName = Literal["harness", "envoy"]
HostName = Literal[
    "envoy-1.36", "envoy-1.37", "envoy-1.38", "envoy-1.39", "envoy-1.40", "istio", "higress"
]

# A DNS-1123 label: the name becomes an image's and a Kubernetes object's.
ProjectName = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ProjectTable(_Table):
    """``[project]``: what the plugin is called and written in."""

    name: ProjectName = Field(description="Names the module, the image and its title.")
    version: str = Field(default="0.1.0", description="The version of the plugin.")
    language: LanguageName = Field(description="What it is written in.")
    description: str = Field(default="", description="One sentence, for the image.")
    license: str = Field(default="", description="An SPDX expression.")


class PluginTable(_Table):
    """``[plugin]``: how a host is to configure it, in Envoy's words."""

    kind: Literal["http"] = Field(default="http", description="Where a host puts it.")
    root_id: str = Field(default="", description="Which of the module's plugins is meant.")
    vm_id: str = Field(default="", description="The name under which VMs share data.")
    config: Path | None = Field(
        default=None, description="The file with the plugin's configuration."
    )
    env: dict[str, str] = Field(default={}, description="The environment of the plugin's VM.")


class ContainerTable(_Table):
    """``[build.container]``: what a build in a container runs in."""

    image: str = Field(
        default="", description="An image with the language's tools. Default: wasmctl's own."
    )
    network: str = Field(
        default="",
        description="The network of the step that fetches packages. Default: the engine's own, or"
        " the machine's where there is none or the proxy is on it.",
    )
    memory_mb: int = Field(
        default=4096, ge=64, description="The memory that a step may use, in MiB."
    )


class BuildTable(_Table):
    """``[build]``: what is compiled, with what, and to which file."""

    engine: EngineName = Field(default="auto", description="What runs the build.")
    output: Path | None = Field(default=None, description="Default: dist/<name>.wasm")
    inputs: tuple[str, ...] = Field(
        default=(), description="Globs of the files a build depends on. Default: the language's."
    )
    max_size: int | None = Field(
        default=None, gt=0, description="The bytes that the module may have; more fail the build."
    )
    optimize: OptimizationLevel | None = Field(
        default=None, description="Have wasm-opt make the module quicker, or smaller (s, z)."
    )
    container: ContainerTable = ContainerTable()


class HostsTable(_Table):
    """``[hosts]``: the proxies that the plugin is meant for."""

    profiles: tuple[HostName, ...] = Field(
        default=(), description="`build` and `check` look at what these offer. Default: all."
    )


class TestTable(_Table):
    """``[test]``: where the scenarios are, and where they run."""

    __test__ = False
    paths: tuple[Path, ...] = Field(
        default=(Path("tests"),), description="Folders and files with `*.wasmtest.yaml`."
    )
    on: tuple[TargetName, ...] = Field(
        default=("harness",), min_length=1, description="Where the tests run."
    )


class ImageTable(_Table):
    """``[image]``: what a push adds to the image."""

    annotations: dict[str, str] = Field(
        default={}, description="Added to the image's own; those that are measured stay."
    )


class NetworkTable(_Table):
    """``[network]``: how registries of packages are reached."""

    ca_file: Path | None = Field(
        default=None,
        description="Certificates (PEM) to trust beside the system's. Default: SSL_CERT_FILE.",
    )


class ProjectFile(_Table):
    """The whole file."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="wasmctl.toml")
    schema_version: Literal[1] = Field(default=1, alias="schema")
    project: ProjectTable
    plugin: PluginTable = PluginTable()
    build: BuildTable = BuildTable()
    hosts: HostsTable = HostsTable()
    test: TestTable = TestTable()
    image: ImageTable = ImageTable()
    network: NetworkTable = NetworkTable()


@dataclass(frozen=True, kw_only=True)
class Project:
    """A project on disk: its folder, and what its file says."""

    root: Path
    file: ProjectFile

    @property
    def name(self) -> str:
        """The project's name."""
        return self.file.project.name

    @property
    def output(self) -> Path:
        """Where a build puts the module."""
        return self.root / (self.file.build.output or f"dist/{self.name}.wasm")

    def configuration(self) -> bytes:
        """Return the plugin's configuration, empty where the project names no file.

        Raises FilesError where the file cannot be read.
        """
        config = self.file.plugin.config
        return files.read(self.root / config) if config else b""


def load(root: Path, *, image: str | None = None) -> Project:
    """Read the project in ``root``; ``image`` takes the place of ``[build.container] image``.

    Raises DefinitionError where there is none or its file is wrong; every mistake at once.
    """
    path = root / FILE_NAME
    if not path.is_file():
        raise DefinitionError(
            f"no {FILE_NAME} in {root.resolve()}",
            hint="change to a project's folder, name it with -C DIR, or make one: wasmctl init",
        )
    text = files.read(path).decode(errors="replace")
    return Project(root=root, file=_with_image(_parse(text, path), image))


def _with_image(file: ProjectFile, image: str | None) -> ProjectFile:
    if image is None:
        return file
    container = file.build.container.model_copy(update={"image": image})
    build = file.build.model_copy(update={"container": container})
    return file.model_copy(update={"build": build})


def _parse(text: str, path: Path) -> ProjectFile:
    try:
        return ProjectFile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise DefinitionError(
            f"{path} is not TOML: {error}", hint="correct the file at that line"
        ) from error
    except ValidationError as error:
        mistakes = tuple(_mistake(found, text, path) for found in error.errors())
        raise DefinitionError(mistakes[0], hint=f"correct {path}", details=mistakes[1:]) from error


def _mistake(found: Any, text: str, path: Path) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    location = tuple(str(part) for part in found["loc"])
    line = toml_lines.line_of(text, location)
    if found["type"] == "extra_forbidden":
        words = spelling.unknown(location[-1], _known_keys(location[:-1]))
    else:
        words = f"{'.'.join(location)}: {found['msg'][:1].lower()}{found['msg'][1:]}"
    return f"{path}:{line}: {words}"


def _known_keys(location: tuple[str, ...]) -> list[str]:
    model: Any = ProjectFile
    for part in location:
        model = model.model_fields[part].annotation
    return [field.alias or name for name, field in model.model_fields.items()]


def json_schema() -> str:
    """Return the JSON Schema of the project file, for editors."""
    return json.dumps(ProjectFile.model_json_schema(), indent=2) + "\n"
