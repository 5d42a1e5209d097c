"""``wasmctl check``, and what a build says of its module."""

import json
from pathlib import Path

import pytest

from tests.command import wasmctl
from tests.envoy.plugins import CONTINUE, plugin
from tests.projects import SOURCE, write

_LINK = '(import "wasi_snapshot_preview1" "fd_tell" (func (param i32 i32) (result i32)))'
_MISSPELT = "export function proxy_on_tack(id: i32): void {}"
_WRONG = "export function proxy_on_tick(): void {}"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A module that Envoy runs since 1.39."""
    path = tmp_path / "p.wasm"
    path.write_bytes(plugin(imports=_LINK, request_headers=CONTINUE).content)
    return path


def test_a_project_s_module_is_checked_for_all_hosts(built_project: Path) -> None:
    finished = wasmctl("check", folder=built_project)

    assert finished.returncode == 0
    assert finished.stdout.startswith("dist/demo.wasm: checked for envoy-1.36, ")


def test_what_is_found_exits_6_with_where_and_what_to_do(file: Path) -> None:
    finished = wasmctl("check", file)

    assert finished.returncode == 6
    assert "wasi_snapshot_preview1.fd_tell, which it imports, is not offered (" in finished.stdout
    assert "(envoy-1.36, envoy-1.37, envoy-1.38, istio, higress)" in finished.stdout
    assert "-> do without what needs that import" in finished.stdout
    assert finished.stderr.startswith("error: 1 finding at the level error or above\n")


def test_only_the_hosts_that_are_named_count(file: Path) -> None:
    finished = wasmctl("check", file, "--host", "envoy-1.40", "--host", "envoy-1.39")

    assert finished.returncode == 0
    assert finished.stdout.endswith("p.wasm: checked for envoy-1.39, envoy-1.40\n")


def test_findings_as_json(file: Path) -> None:
    finished = wasmctl("check", file, "--host", "istio", "--format", "json")

    checked = json.loads(finished.stdout)
    assert checked["path"] == str(file)
    assert checked["hosts"] == ["istio"]
    (finding,) = checked["findings"]
    assert (finding["rule"], finding["level"], finding["hosts"]) == ("import", "error", ["istio"])
    assert finished.returncode == 6


def test_findings_as_annotations(file: Path) -> None:
    finished = wasmctl("check", file, "--host", "istio", "--format", "github")

    assert finished.stdout.startswith(f"::error file={file},title=import::it is refused: ")
    assert finished.stdout.count("\n") == 1


def test_what_a_file_s_name_holds_does_not_end_an_annotation(file: Path) -> None:
    renamed = file.rename(file.with_name("a,b:c%.wasm"))

    finished = wasmctl("check", renamed.name, "--format", "github", folder=file.parent)

    assert finished.stdout.startswith("::error file=a%2Cb%3Ac%25.wasm,title=import::")


def test_an_unknown_host_is_a_usage_error(file: Path) -> None:
    finished = wasmctl("check", file, "--host", "istoi")

    assert finished.returncode == 2
    assert "did you mean 'istio'?" in finished.stderr


def test_what_is_no_module_exits_15(tmp_path: Path) -> None:
    write(tmp_path / "x.wasm", "text")

    assert wasmctl("check", tmp_path / "x.wasm").returncode == 15


def test_a_project_that_is_not_built_exits_16(tiny_project: Path) -> None:
    finished = wasmctl("check", "-C", tiny_project)

    assert finished.returncode == 16
    assert "dist/tiny.wasm: No such file" in finished.stderr


def test_a_warning_is_shown_after_a_build_and_fails_where_asked(tiny_project: Path) -> None:
    write(tiny_project / "assembly/index.ts", SOURCE + _MISSPELT)

    built = wasmctl("build", folder=tiny_project)
    checked = wasmctl("check", "--fail-on", "warning", folder=tiny_project)

    assert built.returncode == 0
    assert "warning  callback: it exports proxy_on_tack" in built.stderr
    assert checked.returncode == 6


def test_a_build_whose_module_a_host_refuses_exits_6_each_time(tiny_project: Path) -> None:
    write(tiny_project / "assembly/index.ts", SOURCE + _WRONG)

    first, second = (wasmctl("build", folder=tiny_project) for _ in range(2))

    assert (first.returncode, second.returncode) == (6, 6)
    assert first.stdout.startswith("built ")
    assert second.stdout.startswith("up to date: ")
    assert "proxy_on_tick" in first.stderr
    assert "proxy_on_tick" in second.stderr


def test_a_module_over_its_budget_exits_6(tiny_project: Path) -> None:
    with (tiny_project / "wasmctl.toml").open("a") as file:
        file.write('[build]\nmax_size = 50\n[hosts]\nprofiles = ["istio"]\n')

    finished = wasmctl("build", "--format", "json", folder=tiny_project)

    assert finished.returncode == 6
    assert [each["rule"] for each in json.loads(finished.stdout)["findings"]] == ["size", "names"]
