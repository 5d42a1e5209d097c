"""Shell completion, which typer brings: that it works, and knows the commands."""

import shutil
import sys
from pathlib import Path

import pytest

from tests.command import run

_COMPLETE_IN_BASH = """
eval "$(wasmctl --show-completion)"
COMP_WORDS=($1)
COMP_CWORD=$2
_wasmctl_completion wasmctl
echo "${COMPREPLY[@]}"
"""


def _in_shell(shell: str | Path, script: str, *words: str) -> str:
    installed = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}
    return run([shell, "-c", script, shell, *words], environment=installed).stdout


@pytest.mark.parametrize(
    ("line", "word", "offered"),
    [
        ("wasmctl ini", "1", "init"),
        ("wasmctl init --lang assem", "3", "assemblyscript"),
        ("wasmctl init --template http-h", "3", "http-headers"),
        ("wasmctl build --format js", "3", "json"),
    ],
)
def test_bash_completes_commands_and_options(line: str, word: str, offered: str) -> None:
    assert _in_shell("bash", _COMPLETE_IN_BASH, line, word).split() == [offered]


@pytest.mark.parametrize("command", ["init", "build", "doctor"])
def test_commands_are_offered(command: str) -> None:
    assert command in _in_shell("bash", _COMPLETE_IN_BASH, "wasmctl ", "1").split()


@pytest.mark.parametrize(
    ("shell", "beginning"),
    [
        ("bash", "_wasmctl_completion()"),
        ("zsh", "#compdef wasmctl"),
        ("fish", "complete --command wasmctl"),
    ],
)
def test_the_script_is_for_the_shell_that_asks(tmp_path: Path, shell: str, beginning: str) -> None:
    """A shell is known by the name of its process; what runs here under each name is bash."""
    named = tmp_path / shell
    named.symlink_to(shutil.which("bash") or "")

    assert _in_shell(named, "wasmctl --show-completion; true").startswith(beginning)
