"""Every command that a new project's pages name does what they say, and ends as they promise."""

import re
import shutil
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.built import Built
from tests.cli.runs import running
from tests.command import run
from tests.language_tools import Tools
from wasmctl import scaffold
from wasmctl.languages import LANGUAGES

_ROW = re.compile(
    r"^\| (?P<what>[^|]+) \| `(?P<command>[^|`]+)`[^|]* \|(?P<codes>[^|]*)\|$", re.MULTILINE
)
_LINE = re.compile(r"^\$ (.+?) +# ", re.MULTILINE)

# A word of a scenario's name; nothing else is left for the reader to fill in.
_WORD = "body"


@dataclass(frozen=True, kw_only=True)
class _Row:
    """A line of AGENTS.md: a command, and the exit codes that it may have beside 0."""

    command: str
    codes: frozenset[int]


def _rows(folder: Path) -> dict[str, _Row]:
    found = _ROW.finditer((folder / "AGENTS.md").read_text())
    return {
        row["what"]: _Row(
            command=row["command"].replace("WORD", _WORD),
            codes=frozenset(int(code) for code in re.findall(r"\d+", row["codes"])),
        )
        for row in found
    }


def _copy(project: Path, folder: Path) -> Path:
    shutil.copytree(project, folder, ignore=shutil.ignore_patterns("node_modules", "target"))
    if (project / "node_modules").exists():
        (folder / "node_modules").symlink_to(project / "node_modules")
    return folder


def _shell(
    command: str, folder: Path, environment: Mapping[str, str]
) -> "subprocess.CompletedProcess[str]":
    # pip only looks for what it would install: what surrounds the tests stays as it is.
    quiet = {**environment, "PIP_DRY_RUN": "1", "XDG_STATE_HOME": f"{folder}/.state"}
    return run(["bash", "-c", command], folder=folder, environment=quiet)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_of_the_pages_ends_well(
    language: str, built: Built, tools_of: Tools, tmp_path: Path
) -> None:
    folder = _copy(built(scaffold.find(language, "minimal")), tmp_path / "demo")
    rows, lines = _rows(folder).values(), _LINE.findall((folder / "README.md").read_text())
    asked = [*(row.command for row in rows), *(line for line in lines if line != "wasmctl run")]

    done = [_shell(command, folder, tools_of(language)) for command in asked]

    assert len(rows) > 8
    assert len(lines) == 5
    assert [each.stdout + each.stderr for each in done if each.returncode] == []
    assert (folder / "dist/image/index.json").is_file()


def test_a_run_lasts_until_somebody_ends_it(built: Built, tmp_path: Path) -> None:
    folder = _copy(built(scaffold.find("assemblyscript", "minimal")), tmp_path / "demo")

    with running(folder) as started:
        answer, _body = started.get("/hello")
        code = started.end(signal.SIGINT)

    assert answer.headers["x-greeting"] == "hello from demo"
    assert code == 128 + signal.SIGINT


_BUILD = "compile to `dist/demo.wasm`"
_LINT = "formatting and lint"
_NOWHERE = '@external("env", "nowhere")\ndeclare function nowhere(): void;\nnowhere();\n'
_CALLBACK = "\nexport function proxy_on_request_body(): void {}\n"
_FAILS = "\n  - name: a body fails\n    request: /\n    expect: {client: {status: 500}}\n"
_SCENARIOS = "tests/minimal.wasmtest.yaml"
_UNWRAPS = "\npub fn first(bytes: &[u8]) -> u8 {\n    *bytes.first().unwrap()\n}\n"
_TEST_OF_GO = "\nfunc TestNothing(t *testing.T) {\n\tt.Fail()\n}\n"

# For each: the language, the row of AGENTS.md, what stands at the end of which file, the exit code.
_MISTAKES = {
    "no syntax": ("assemblyscript", _BUILD, "assembly/plugin.ts", "nonsense(;\n", 5),
    "no callback": ("assemblyscript", _BUILD, "assembly/index.ts", _CALLBACK, 6),
    "no host has it": ("assemblyscript", _BUILD, "assembly/index.ts", _NOWHERE, 15),
    "no scenario": ("assemblyscript", "test here, in milliseconds", _SCENARIOS, "nonsense: 1\n", 3),
    "a test": ("assemblyscript", "test here, in milliseconds", _SCENARIOS, _FAILS, 7),
    "one test": ("assemblyscript", "one test", _SCENARIOS, _FAILS, 7),
    "spaces, AssemblyScript": ("assemblyscript", _LINT, "assembly/index.ts", "const  x = 1;\n", 1),
    "unused, AssemblyScript": ("assemblyscript", _LINT, "assembly/index.ts", "const x = 1;\n", 1),
    "spaces, Go": ("go", _LINT, "plugin.go", "\nvar  _ = 1\n", 1),
    "a format, Go": ("go", _LINT, "main.go", '\nfunc f() { proxywasm.LogInfof("%d", "") }\n', 1),
    "a unit test, Go": ("go", "unit tests", "internal/greeting/greeting_test.go", _TEST_OF_GO, 1),
    "spaces, Rust": ("rust", _LINT, "src/greeting.rs", "const  _X: u8 = 1;\n", 1),
    "unwrap, Rust": ("rust", _LINT, "src/greeting.rs", _UNWRAPS, 101),
    "a unit test, Rust": ("rust", "unit tests", "src/greeting.rs", "#[test]\nfn f() {", 101),
}


@pytest.mark.parametrize("mistake", _MISTAKES)
def test_a_mistake_ends_a_command_with_a_code_that_the_page_tells(
    mistake: str, built: Built, tools_of: Tools, tmp_path: Path
) -> None:
    language, what, file, text, code = _MISTAKES[mistake]
    folder = _copy(built(scaffold.find(language, "minimal")), tmp_path / "demo")
    row = _rows(folder)[what]
    with (folder / file).open("a") as source:
        source.write(text)

    ended = _shell(row.command, folder, tools_of(language))

    assert ended.returncode == code, ended.stdout + ended.stderr
    assert code in row.codes
