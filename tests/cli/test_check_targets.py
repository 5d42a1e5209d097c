"""What ``wasmctl check`` is given, and how it looks."""

import gzip
import io
import json
import tarfile
from pathlib import Path

import pytest

from tests.command import wasmctl
from tests.envoy.plugins import CONTINUE, plugin
from tests.projects import write
from tests.terminal import at_terminal

_WIDE = '(import "env" "\\1b[31m\\0aproxy_that_no_proxy_has" (func))'

_PROJECT = 'schema = 1\n[project]\nname = "two"\nlanguage = "go"\n'
_REFUSES_ALL = """
  (data (i32.const 224) "plugin_root_id")
  (func (export "proxy_on_vm_start") (param i32 i32) (result i32) (i32.const 0))
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A module without fault."""
    return _module(tmp_path / "good.wasm")


def _module(path: Path, *, imports: str = "", functions: str = "") -> Path:
    made = plugin(imports=imports, functions=functions, request_headers=CONTINUE)
    path.write_bytes(made.content)
    return path


def test_a_module_without_fault_exits_0_and_says_what_is_assumed(file: Path) -> None:
    finished = wasmctl("check", file.name, folder=file.parent)

    assert finished.returncode == 0
    assert finished.stdout == (
        "good.wasm: checked for envoy-1.36, envoy-1.37, envoy-1.38, envoy-1.39, envoy-1.40, istio*,"
        " higress*\n  * by its sources and documentation; the others by running them\n"
    )


def test_nothing_is_marked_where_nothing_is_assumed(file: Path) -> None:
    finished = wasmctl("check", file, "--host", "envoy-1.40")

    assert "*" not in finished.stdout


def test_several_are_checked_and_one_that_fails_fails_all(file: Path) -> None:
    bad = _module(file.with_name("bad.wasm"), imports=_WIDE)

    text = wasmctl("check", file.name, bad.name, folder=file.parent)
    listed = wasmctl("check", file, bad, "--format", "json")

    assert [line.split(":")[0] for line in text.stdout.splitlines() if "checked for" in line] == [
        "good.wasm",
        "bad.wasm",
    ]
    assert [len(each["findings"]) for each in json.loads(listed.stdout)] == [0, 1]
    assert (text.returncode, listed.returncode) == (6, 6)


def test_the_fields_of_a_finding_are_these(file: Path) -> None:
    """Scripts read them: a name that goes is a change for the changelog."""
    bad = _module(file, imports=_WIDE)

    checked = json.loads(wasmctl("check", bad, "--format", "json").stdout)

    assert list(checked) == ["path", "hosts", "assumed", "findings"]
    assert checked["assumed"] == ["istio", "higress"]
    assert list(checked["findings"][0]) == ["rule", "level", "message", "hint", "hosts"]


def test_a_project_may_be_named_by_its_folder(built_project: Path) -> None:
    finished = wasmctl("check", built_project)

    assert finished.returncode == 0
    assert f"{built_project}/dist/demo.wasm: checked" in finished.stdout


def test_a_folder_that_is_no_project_exits_3(tmp_path: Path) -> None:
    finished = wasmctl("check", tmp_path)

    assert finished.returncode == 3
    assert "wasmctl.toml" in finished.stderr


def test_an_image_is_checked_by_the_module_in_it(built_project: Path, tmp_path: Path) -> None:
    layout = f"oci-layout:{tmp_path}/layout:1.0"
    pushed = wasmctl("push", layout, folder=built_project)
    assert pushed.returncode == 0, pushed.stderr

    good = wasmctl("check", layout)
    wrong = wasmctl("check", layout, "--root-id", "theirs")

    assert good.returncode == 0
    assert f"{layout}: checked for" in good.stdout
    assert wrong.returncode == 6
    assert "no plugin of it has the root id 'theirs'" in wrong.stdout


def test_the_root_id_of_a_project_is_one_of_its_module_s(project_copy: Path) -> None:
    file = project_copy / "wasmctl.toml"
    write(file, file.read_text().replace('root_id = "demo"', 'root_id = "another"'))

    checked = wasmctl("check", "--format", "json", folder=project_copy)

    assert checked.returncode == 6
    (finding,) = json.loads(checked.stdout)["findings"]
    assert finding["rule"] == "root-id"
    assert 'unknown root id "another"' in finding["message"]


def test_a_project_that_names_no_root_id_is_not_tried_under_one(tmp_path: Path) -> None:
    write(tmp_path / "wasmctl.toml", _PROJECT)
    (tmp_path / "dist").mkdir()
    _module(tmp_path / "dist/two.wasm", functions=_REFUSES_ALL)

    unnamed = wasmctl("check", folder=tmp_path)
    named = wasmctl("check", "--root-id", "x", folder=tmp_path)

    assert (unnamed.returncode, named.returncode) == (0, 6)


def test_a_configuration_that_is_missing_is_not_this_command_s_matter(project_copy: Path) -> None:
    (project_copy / "config/default.json").unlink()

    assert wasmctl("check", folder=project_copy).returncode == 0
    assert wasmctl("build", folder=project_copy).returncode == 0


def test_a_file_has_a_budget_where_one_is_named(file: Path) -> None:
    assert wasmctl("check", file, "--max-size", "10").returncode == 6
    assert wasmctl("check", file, "--max-size", "100000").returncode == 0


def _archive() -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("oci-layout"))
    return made.getvalue()


_WHOLE = plugin(request_headers=CONTINUE).content


@pytest.mark.parametrize(
    ("content", "cause", "remedy"),
    [
        (b"", "not a WebAssembly module: it is empty", "wasmctl build"),
        (b"hello", "it does not begin with \\0asm", "name a compiled .wasm file"),
        (b"(module)", "it is WebAssembly's text format", "wat2wasm"),
        (gzip.compress(_WHOLE), "it is compressed by gzip", "gunzip"),
        (_archive(), "it is a tar archive", "oci-layout:DIR:TAG"),
        (b"\0asm\x0d\0\1\0", "a WebAssembly component", "build for a core target"),
        (_WHOLE[:-9], "malformed WebAssembly: ", "this file is damaged"),
        (_WHOLE[:8] + b"\xff", "malformed WebAssembly: ", "this file is damaged"),
    ],
    ids=["empty", "text", "wat", "gzip", "tar", "component", "truncated", "garbage"],
)
def test_what_is_no_module_exits_15_and_says_what_it_is(
    tmp_path: Path, content: bytes, cause: str, remedy: str
) -> None:
    (tmp_path / "x.wasm").write_bytes(content)

    finished = wasmctl("check", "x.wasm", folder=tmp_path)

    assert finished.returncode == 15
    assert finished.stdout == ""
    said, hint = finished.stderr.splitlines()
    assert said.startswith("error: x.wasm: ")
    assert cause in said
    assert remedy in hint


def test_a_module_without_anything_in_it_is_told_all_that_it_lacks(tmp_path: Path) -> None:
    (tmp_path / "x.wasm").write_bytes(_WHOLE[:8])

    finished = wasmctl("check", "x.wasm", "--format", "json", folder=tmp_path)

    rules = [each["rule"] for each in json.loads(finished.stdout)["findings"]]
    assert rules == ["allocator", "abi", "names"]
    assert finished.returncode == 6


def test_a_file_that_is_too_large_for_any_engine_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "x.wasm").open("wb") as file:
        file.truncate(1 << 40)

    finished = wasmctl("check", "x.wasm", folder=tmp_path)

    assert finished.returncode == 15
    assert "x.wasm: it has 1,099,511,627,776 bytes" in finished.stderr


def test_an_annotation_is_one_line_whatever_a_module_calls_things(file: Path) -> None:
    bad = _module(file, imports=_WIDE)

    finished = wasmctl("check", bad, "--format", "github")

    (line,) = finished.stdout.splitlines()
    assert line.startswith(f"::error file={bad},title=import::")
    assert line.isprintable()


def test_on_a_terminal_lines_stay_in_their_column_and_levels_have_colours(file: Path) -> None:
    bad = _module(file, imports=_WIDE)

    code, shown = at_terminal(
        "check",
        bad.name,
        typed={},
        folder=bad.parent,
        environment={"NO_COLOR": "", "COLUMNS": "80"},
    )

    assert code == 6
    found = shown.splitlines()[:5]
    assert found[0].startswith("\x1b[31merror    \x1b[0mimport: it is refused: the function ")
    assert all(line.startswith(" " * 9) for line in found[1:4])
    assert all(len(line.rstrip()) <= 80 + 9 for line in found)
    assert "\x1b[31m\n" not in shown


def test_hosts_are_completed() -> None:
    environment = {
        "_WASMCTL_COMPLETE": "complete_bash",
        "COMP_WORDS": "wasmctl check --host envoy-1.4",
        "COMP_CWORD": "3",
    }

    finished = wasmctl("check", environment=environment)

    assert finished.stdout.split() == ["envoy-1.40"]
