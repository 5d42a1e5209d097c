"""``wasmctl init`` at a terminal, with somebody who types."""

import re
from pathlib import Path

import pytest

from tests.git_server import served
from tests.projects import write
from tests.terminal import CTRL_C, at_terminal
from wasmctl import project

# What a terminal does not show, but obeys.
_CONTROLS = re.compile(r"\x1b\[[?0-9;]*[a-zA-Z]|\r")
_LEFT = "\x1b[D"
_REST = {"Name [new]": "\n", "Description": "\n"}


def _language(folder: Path) -> str:
    return project.load(folder).file.project.language


@pytest.mark.parametrize(
    ("typed", "language"),
    [
        ("ts\n", "assemblyscript"),
        ("golang\n", "go"),
        ("ru\n", "rust"),
        ("g\t\n", "go"),
        ("\n", None),
    ],
)
def test_a_language_is_known_by_more_than_its_name(
    tmp_path: Path, typed: str, language: str | None
) -> None:
    code, shown = at_terminal(
        "init",
        "new",
        "--template=minimal",
        typed={") [assemblyscript]": typed, **_REST},
        folder=tmp_path,
    )

    assert code == 0, shown
    assert _language(tmp_path / "new") == (language or "assemblyscript")


@pytest.mark.parametrize("typed", ["5\n", "http-rate\n", "http-rat\t\n", "http-ratelimit\n"])
def test_a_template_is_chosen_by_number_beginning_or_name(tmp_path: Path, typed: str) -> None:
    code, shown = at_terminal(
        "init",
        "new",
        "--lang=assemblyscript",
        typed={"Template [http-headers]": typed, **_REST},
        folder=tmp_path,
    )

    assert code == 0, shown
    assert (tmp_path / "new/tests/http-ratelimit.wasmtest.yaml").is_file()


@pytest.mark.parametrize("wrong", ["http\n", "7\n", "0\n", "nothing\n"])
def test_what_is_no_template_is_asked_again_with_the_reason(tmp_path: Path, wrong: str) -> None:
    code, shown = at_terminal(
        "init",
        "new",
        "--lang=go",
        typed={
            "Template [http-headers]": wrong,
            "is none of them; known are http-headers, http-auth": "minimal\n",
            **_REST,
        },
        folder=tmp_path,
    )

    assert code == 0, shown
    assert (tmp_path / "new/tests/minimal.wasmtest.yaml").is_file()


def test_a_folder_that_cannot_be_taken_is_asked_again(tmp_path: Path) -> None:
    write(tmp_path / "mine/a.txt", "mine")

    code, shown = at_terminal(
        "init",
        "--lang=go",
        "--template=minimal",
        typed={"Folder [my-plugin]": "mine\n", "mine is not empty; name a new": "new\n", **_REST},
        folder=tmp_path,
    )

    assert code == 0, shown
    assert (tmp_path / "new/wasmctl.toml").is_file()
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["a.txt"]


def test_an_answer_is_edited_by_the_keys_for_it(tmp_path: Path) -> None:
    code, shown = at_terminal(
        "init",
        "new",
        "--lang=go",
        "--template=minimal",
        typed={"Name [new]": f"pan{_LEFT}{_LEFT}l\n", "Description": "\n"},
        folder=tmp_path,
    )

    assert code == 0, shown
    assert project.load(tmp_path / "new").name == "plan"


def test_the_questions_fit_a_terminal_of_80_columns(tmp_path: Path) -> None:
    code, shown = at_terminal(
        "init",
        "new",
        "--set=description=x",
        typed={") [assemblyscript]": "\n", "Template [http-headers]": "\n", "Name [new]": "\n"},
        folder=tmp_path,
        environment={"COLUMNS": "80"},
    )

    assert code == 0, shown
    lines = _CONTROLS.sub("", shown).splitlines()
    assert max(len(line.rstrip()) for line in lines) <= 80


@pytest.mark.parametrize(
    "question", ["Folder", ") [assemblyscript]", "Template [", "Name [", "Description ["]
)
def test_ctrl_c_at_any_question_leaves_nothing(tmp_path: Path, question: str) -> None:
    questions = ["Folder", ") [assemblyscript]", "Template [", "Name [", "Description ["]
    before = questions[: questions.index(question)]

    code, shown = at_terminal(
        "init", typed={**dict.fromkeys(before, "\n"), question: CTRL_C}, folder=tmp_path
    )

    assert code == 130
    assert "error: interrupted; nothing was made" in shown
    assert list(tmp_path.iterdir()) == []


def test_a_repository_that_wants_a_password_asks_nobody_at_the_terminal(tmp_path: Path) -> None:
    with served(tmp_path, is_private=True) as address:
        code, shown = at_terminal(
            *("init", "a", "--defaults", "--template", f"git+{address}/a"),
            typed={},
            folder=tmp_path,
        )

    assert code == 11, shown
    assert "could not read Username" in shown
    assert list(tmp_path.iterdir()) == []


def test_ssh_has_no_terminal_to_ask_at(tmp_path: Path) -> None:
    """A host key that is not known yet, a passphrase, a password: ssh asks at its terminal."""
    asking = tmp_path / "asking"
    write(asking, "#!/bin/sh\nread answer </dev/tty && touch asked\nexit 255\n")
    asking.chmod(0o755)

    code, shown = at_terminal(
        *("init", "a", "--defaults", "--template", "git+ssh://git@git.example/a.git"),
        typed={},
        folder=tmp_path,
        environment={"GIT_SSH_COMMAND": str(asking)},
    )

    assert code == 11, shown
    assert [path.name for path in tmp_path.iterdir()] == ["asking"]
