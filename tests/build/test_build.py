import json
from pathlib import Path

import pytest

from tests.projects import SOURCE, write
from wasmctl import plugin, project
from wasmctl.build import build
from wasmctl.errors import BuildFailedError, FilesError, NotAPluginError, UsageError


def test_the_template_builds_a_plugin(built_project: Path) -> None:
    built = plugin.open_plugin(built_project / "dist/demo.wasm")

    assert built.abi_version == "0.2.1"
    assert built.module.export("proxy_on_request_headers")


def test_the_record_says_what_was_built_of_what_with_what(built_project: Path) -> None:
    record = json.loads((built_project / "dist/build.json").read_text())

    module = plugin.open_plugin(built_project / "dist/demo.wasm")
    assert record["digest"] == module.digest
    assert record["size"] == len(module.content)
    assert record["engine"] == "local"
    assert record["tools"].keys() == {"node", "assemblyscript", "sdk"}
    assert record["inputs"] > 10
    assert record["duration_ms"] > 0


def test_unchanged_inputs_are_not_built_again(built_project: Path) -> None:
    lines: list[str] = []

    built = build(project.load(built_project), on_line=lines.append)

    assert built.was_current
    assert lines == []


def test_a_changed_input_is_built_again(tiny_project: Path) -> None:
    first = build(project.load(tiny_project))
    write(tiny_project / "assembly/index.ts", SOURCE + "export function more(): void {}")

    second = build(project.load(tiny_project))

    assert not second.was_current
    assert second.record.digest != first.record.digest


def test_equal_sources_give_equal_bytes_in_any_folder(project_copy: Path) -> None:
    before = (project_copy / "dist/demo.wasm").read_bytes()
    (project_copy / "dist/demo.wasm").unlink()

    built = build(project.load(project_copy))

    assert not built.was_current
    assert built.path.read_bytes() == before


def test_a_module_that_was_replaced_is_built_again(tiny_project: Path) -> None:
    first = build(project.load(tiny_project))
    first.path.write_bytes(b"something else")

    second = build(project.load(tiny_project))

    assert not second.was_current
    assert second.path.read_bytes()[:4] == b"\0asm"


def test_a_compiler_error_is_carried_whole(tiny_project: Path) -> None:
    write(tiny_project / "assembly/index.ts", SOURCE + "let x: i32 = nowhere;\nlet y: i32 = lost;")

    with pytest.raises(BuildFailedError) as caught:
        build(project.load(tiny_project))

    evidence = "\n".join(caught.value.details)
    assert "Cannot find name 'nowhere'" in evidence
    assert "Cannot find name 'lost'" in evidence
    assert "2 compile error(s)" in evidence


def test_a_failed_build_keeps_the_last_module(tiny_project: Path) -> None:
    good = build(project.load(tiny_project))
    write(tiny_project / "assembly/index.ts", "let x: i32 = nowhere;")

    with pytest.raises(BuildFailedError):
        build(project.load(tiny_project))

    assert plugin.open_plugin(good.path).digest == good.record.digest
    assert {path.name for path in (tiny_project / "dist").iterdir()} == {
        ".build.lock",
        "build.json",
        "tiny.wasm",
    }


def test_a_module_that_is_no_plugin_is_refused(tiny_project: Path) -> None:
    write(tiny_project / "assembly/index.ts", "export function hello(): void {}")

    with pytest.raises(NotAPluginError, match=r"tiny\.wasm: no Proxy-Wasm ABI marker"):
        build(project.load(tiny_project))

    assert not (tiny_project / "dist/tiny.wasm").exists()


def test_a_project_without_its_manifest_is_told_which_file(tiny_project: Path) -> None:
    (tiny_project / "package.json").unlink()

    with pytest.raises(FilesError, match=r"package\.json: No such file"):
        build(project.load(tiny_project))


def test_paths_may_hold_spaces_and_letters_of_any_script(
    tiny_project: Path, tmp_path: Path
) -> None:
    tiny_project.rename(tmp_path / "плагин héllo 'x'")
    (tmp_path / "link").symlink_to(tmp_path / "плагин héllo 'x'")

    built = build(project.load(tmp_path / "link"))

    assert built.path.read_bytes()[:4] == b"\0asm"


def test_the_project_says_where_the_module_goes(tiny_project: Path) -> None:
    with (tiny_project / "wasmctl.toml").open("a") as file:
        file.write('[build]\noutput = "out/of/it/plugin.wasm"\n')

    built = build(project.load(tiny_project))

    assert built.path == tiny_project / "out/of/it/plugin.wasm"
    assert (tiny_project / "out/of/it/build.json").is_file()


def test_an_unknown_engine_is_named_with_the_nearest(built_project: Path) -> None:
    with pytest.raises(UsageError) as caught:
        build(project.load(built_project), engine="locale")

    assert caught.value.hint == "did you mean 'local'?"
