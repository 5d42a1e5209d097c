from pathlib import Path

import pytest

from wasmctl import project
from wasmctl.errors import DefinitionError, FilesError
from wasmctl.project import Project

MINIMAL = '[project]\nname = "gate"\nlanguage = "assemblyscript"\n'


def loaded(root: Path, text: str) -> Project:
    (root / "wasmctl.toml").write_text(text)
    return project.load(root)


def told(root: Path, text: str) -> list[str]:
    with pytest.raises(DefinitionError) as raised:
        loaded(root, text)
    lines = (raised.value.message, *raised.value.details)
    return [line.removeprefix(f"{root / 'wasmctl.toml'}") for line in lines]


def test_a_project_needs_a_name_and_a_language(tmp_path: Path) -> None:
    found = loaded(tmp_path, MINIMAL)

    assert found.name == "gate"
    assert found.file.project.language == "assemblyscript"


def test_what_is_not_said_has_its_default(tmp_path: Path) -> None:
    found = loaded(tmp_path, MINIMAL)

    assert found.output == tmp_path / "dist/gate.wasm"
    assert found.configuration() == b""
    assert found.file.test.on == ("harness",)
    assert found.file.test.paths == (Path("tests"),)


def test_paths_are_of_the_projects_folder(tmp_path: Path) -> None:
    text = MINIMAL + '[plugin]\nconfig = "c.json"\n[build]\noutput = "out/p.wasm"\n'
    (tmp_path / "c.json").write_text("{}")

    found = loaded(tmp_path, text)

    assert found.output == tmp_path / "out/p.wasm"
    assert found.configuration() == b"{}"


def test_a_configuration_that_is_not_there_is_told(tmp_path: Path) -> None:
    found = loaded(tmp_path, MINIMAL + '[plugin]\nconfig = "none.json"\n')

    with pytest.raises(FilesError, match=r"cannot read .*none\.json"):
        found.configuration()


def test_a_folder_without_project_is_told(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError) as raised:
        project.load(tmp_path)

    assert raised.value.message == f"no wasmctl.toml in {tmp_path}"
    assert "wasmctl init" in raised.value.hint


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        (MINIMAL + "nam = 1\n", ":4: unknown key 'nam'; did you mean 'name'?"),
        (MINIMAL + "[plugn]\n", ":4: unknown key 'plugn'; did you mean 'plugin'?"),
        (MINIMAL + '[plugin]\nrootid = "a"\n', ":5: unknown key 'rootid'; did you mean 'root_id'?"),
        ('[project]\nname = "gate"\n', ":1: project.language: field required"),
        (MINIMAL.replace("assemblyscript", "cobol"), ":3: project.language: input should be"),
        (MINIMAL.replace("gate", "Gate!"), ":2: project.name: string should match pattern"),
        (MINIMAL + "[test]\non = []\n", ":5: test.on: tuple should have at least 1 item"),
        (MINIMAL + "[plugin]\nenv = { A = 1 }\n", ":5: plugin.env.A: input should be a valid str"),
        ("schema = 2\n" + MINIMAL, ":1: schema: input should be 1"),
        ("name = ", " is not TOML: Invalid value"),
        ("", ":1: project: field required"),
    ],
)
def test_a_slip_is_told_with_its_line(tmp_path: Path, text: str, mistake: str) -> None:
    (line,) = told(tmp_path, text)

    assert line.startswith(mistake)


def test_all_slips_are_told_at_once(tmp_path: Path) -> None:
    lines = told(tmp_path, MINIMAL + "a = 1\n[b]\n[test]\non = 5\n")

    assert [line.split(" ", 1)[0] for line in lines] == [":4:", ":7:", ":5:"]
