"""Go's real compiler, and a registry of a company's own: its authority, its proxy."""

import io
import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import package_registry
from tests.builder_image import forget
from tests.command import run
from tests.docker_engine import DockerEngine
from tests.oci import certificates
from tests.projects import GO_SOURCE, tiny_go, write
from wasmctl import build, containers, project
from wasmctl.build.engines import builders
from wasmctl.build.engines.base import Order
from wasmctl.errors import NetworkError
from wasmctl.languages import LANGUAGES

_MODULE, _VERSION = "example.org/one", "v1.2.0"


@pytest.fixture
def modules(tmp_path: Path) -> Path:
    """A folder with the files of a module, as Go's module proxies serve them."""
    folder = tmp_path / "modules"
    place = folder / _MODULE / "@v"
    write(place / "list", f"{_VERSION}\n")
    write(place / f"{_VERSION}.info", json.dumps({"Version": _VERSION}))
    write(place / f"{_VERSION}.mod", f"module {_MODULE}\n")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in {"go.mod": f"module {_MODULE}\n", "one.go": "package one\n"}.items():
            archive.writestr(f"{_MODULE}@{_VERSION}/{name}", text)
    (place / f"{_VERSION}.zip").write_bytes(packed.getvalue())
    return folder


@pytest.fixture
def needy(tmp_path: Path, image: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that needs the module."""
    monkeypatch.setenv("GOSUMDB", "off")
    monkeypatch.setenv("GOFLAGS", "-modcacherw")
    monkeypatch.setenv("GOMODCACHE", str(tmp_path / "mod-cache"))
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    folder = tiny_go(tmp_path / "needy")
    with (folder / "go.mod").open("a") as file:
        file.write(f"\nrequire {_MODULE} {_VERSION}\n")
    _add(folder, f'[build.container]\nimage = "{image}"\n')
    write(folder / "main.go", GO_SOURCE.replace("main\n", f'main\n\nimport _ "{_MODULE}"\n', 1))
    return folder


@pytest.fixture
def image(docker: DockerEngine, debian_image: str, tmp_path: Path) -> Iterator[str]:
    """The image of Go's tools by another name, and so with a cache of its own."""
    assert debian_image
    name = f"wasmctl-test/go:{os.getpid()}"
    order = Order(
        project=project.load(tiny_go(tmp_path / "any")), language=LANGUAGES["go"], show=print
    )
    with containers.connected() as connection:
        made = builders.ensure(connection, order)
    assert run(["docker", "tag", made.name, name], environment=docker.environment).returncode == 0
    yield name
    forget(docker, name)


def _add(folder: Path, text: str) -> project.Project:
    with (folder / "wasmctl.toml").open("a") as file:
        file.write(text)
    return project.load(folder)


_EACH_ENGINE = pytest.mark.parametrize(
    "engine", ["local", pytest.param("container", id="in_a_container")]
)


@_EACH_ENGINE
def test_the_project_s_own_authority_is_trusted(
    needy: Path, modules: Path, engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = certificates.server(tmp_path, certificates.authority(tmp_path))
    loaded = _add(needy, 'network = "host"\n')

    with package_registry.served(modules, server) as address:
        monkeypatch.setenv("GOPROXY", address)
        with pytest.raises(NetworkError, match="unknown authority") as caught:
            build.build(loaded, engine=engine)
        trusting = _add(needy, '[network]\nca_file = "../authority.pem"\n')
        made = build.build(trusting, engine=engine)

    assert "[network] ca_file" in caught.value.hint
    assert made.record.engine == engine
    assert f"{_MODULE} {_VERSION} h1:" in (needy / "go.sum").read_text()


@_EACH_ENGINE
def test_the_caller_s_proxy_is_asked(
    needy: Path, modules: Path, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOPROXY", "http://modules.invalid")

    with package_registry.served(modules) as proxy:
        for name in ("http_proxy", "HTTP_PROXY"):
            monkeypatch.setenv(name, proxy)
        made = build.build(project.load(needy), engine=engine)

    assert made.record.engine == engine
    assert f"{_MODULE} {_VERSION} h1:" in (needy / "go.sum").read_text()
