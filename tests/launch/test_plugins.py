from pathlib import Path

import pytest

from tests.envoy.plugins import CONTINUE, plugin
from wasmctl.errors import FilesError, NotAPluginError, UsageError
from wasmctl.launch import plugins


def silent(_line: str) -> None:
    pass


def test_a_file_is_called_by_its_stem(tmp_path: Path) -> None:
    file = tmp_path / "edge auth.wasm"
    made = plugin(request_headers=CONTINUE)
    file.write_bytes(made.content)

    found = plugins.opened(str(file), on_progress=silent)

    assert (found.name, found.file, found.plugin.digest) == ("edge-auth", file, made.digest)


def test_a_project_that_is_not_built_says_how(tmp_path: Path) -> None:
    (tmp_path / "wasmctl.toml").write_text('[project]\nname = "p"\nlanguage = "assemblyscript"\n')

    with pytest.raises(FilesError) as caught:
        plugins.opened(str(tmp_path), on_progress=silent)

    assert "wasmctl build" in caught.value.hint


def test_a_module_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FilesError, match="No such file"):
        plugins.opened(str(tmp_path / "p.wasm"), on_progress=silent)


def test_what_is_no_plugin_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "p.wasm"
    file.write_bytes(b"\0asm\x01\0\0\0")

    with pytest.raises(NotAPluginError):
        plugins.opened(str(file), on_progress=silent)


def test_what_is_nothing_is_a_mistake() -> None:
    with pytest.raises(UsageError, match="is no file, no folder and no image"):
        plugins.opened("nothing", on_progress=silent)


def test_plugins_of_one_name_are_numbered() -> None:
    assert plugins.unique_names(["p", "q", "p", "p"]) == ["p", "q", "p-2", "p-3"]


def test_a_configuration_is_text_or_a_file(tmp_path: Path) -> None:
    (tmp_path / "c").write_bytes(b"\xff")

    assert plugins.configuration("{}") == b"{}"
    assert plugins.configuration(f"@{tmp_path / 'c'}") == b"\xff"
