import json
import os
import signal
from pathlib import Path

import pytest

from tests.command import WASMCTL, on_small_disk, run, started, wasmctl
from tests.foreign_templates import foreign
from tests.terminal import CTRL_C, at_terminal
from wasmctl import project

_CHOSEN = ("--lang=assemblyscript", "--template=http-headers")


def test_init_prints_what_it_made_and_what_to_do_next(tmp_path: Path) -> None:
    finished = wasmctl("init", "edge-auth", "--lang", "assemblyscript", folder=tmp_path)

    assert finished.returncode == 0
    assert "├── wasmctl.toml" in finished.stdout or "└── wasmctl.toml" in finished.stdout
    assert finished.stdout.endswith("  cd edge-auth\n  wasmctl build\n  wasmctl test\n")
    assert finished.stderr == ""
    assert project.load(tmp_path / "edge-auth").name == "edge-auth"


def test_init_as_json_lists_the_files(tmp_path: Path) -> None:
    finished = wasmctl("init", "new project", "--format", "json", folder=tmp_path)

    made = json.loads(finished.stdout)
    assert made["path"] == "new project"
    assert made["next"][0] == "cd 'new project'"
    assert all((tmp_path / "new project" / file).is_file() for file in made["files"])


def test_a_dry_run_shows_the_same_and_makes_nothing(tmp_path: Path) -> None:
    planned = wasmctl("init", "new", "--dry-run", "--format", "json", folder=tmp_path)
    left = list(tmp_path.iterdir())
    made = wasmctl("init", "new", "--format", "json", folder=tmp_path)

    assert json.loads(planned.stdout)["files"] == json.loads(made.stdout)["files"]
    assert json.loads(planned.stdout)["next"] == []
    assert left == []


def test_a_dry_run_says_that_it_was_one(tmp_path: Path) -> None:
    finished = wasmctl("init", "new", "--dry-run", folder=tmp_path)

    assert "── wasmctl.toml" in finished.stdout
    assert finished.stdout.endswith("\nnothing was made: this was a dry run\n")


def test_a_dry_run_is_refused_where_the_run_would_be(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")

    assert wasmctl("init", ".", "--dry-run", folder=tmp_path).returncode == 16


def test_options_answer_the_template(tmp_path: Path) -> None:
    options = ["--name", "other", "--set", "description=a = b", "--defaults"]

    wasmctl("init", tmp_path / "x", *options)

    manifest = json.loads((tmp_path / "x/package.json").read_text())
    assert (manifest["name"], manifest["description"]) == ("other", "a = b")


def test_the_list_names_templates_and_what_they_ask() -> None:
    text = wasmctl("init", "--list").stdout
    listed = json.loads(wasmctl("init", "--list", "--format", "json").stdout)

    assert text.startswith("http-headers  assemblyscript, go, rust\n  Changes the headers of ")
    assert len(text.splitlines()) == 12
    assert listed[0]["name"] == "http-headers"
    assert "description" in listed[0]["variables"]


@pytest.mark.parametrize(
    ("words", "error", "hint"),
    [
        (["new", "--lang", "asemblyscript"], "no language is called", "did you mean"),
        (["new", "--template", "http-haeders"], "no template for", "did you mean"),
        (["new", "--set", "nme=x"], "has no variable 'nme'", "did you mean 'name'?"),
        (["new", "--set", "name"], "--set name gives no value", "--set name=VALUE"),
        (["new", "--name", "A b"], "'A b' cannot be a project's name", "use a-z"),
        ([], "no folder is named", "wasmctl init DIR"),
    ],
)
def test_wrong_words_are_a_usage_error_and_make_nothing(
    tmp_path: Path, words: list[str], error: str, hint: str
) -> None:
    finished = wasmctl("init", *words, folder=tmp_path)

    assert finished.returncode == 2
    cause, remedy = finished.stderr.splitlines()
    assert cause.startswith("error: ")
    assert error in cause
    assert hint in remedy
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_empty_exits_16(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")

    finished = wasmctl("init", ".", folder=tmp_path)

    assert finished.returncode == 16
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_full_disk_exits_16_and_leaves_nothing(tmp_path: Path) -> None:
    script = 'cd "$1"; shift; "$@"; echo "exit code $?"; ls -A'
    init = ["sh", "-c", script, "sh", tmp_path, *WASMCTL, "init", "new"]

    finished = run(on_small_disk("size=40k", tmp_path, init))

    assert finished.stderr.startswith("error: cannot create new: No space left on device")
    assert finished.stdout == "exit code 16\n"


def test_a_read_only_folder_exits_16(tmp_path: Path) -> None:
    init = [*WASMCTL, "init", tmp_path / "new"]

    finished = run(on_small_disk("ro", tmp_path, init))

    assert finished.returncode == 16
    assert "Read-only file system" in finished.stderr


def test_a_home_that_is_read_only_does_not_matter(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    init = [*WASMCTL, "init", tmp_path / "new"]

    finished = run(on_small_disk("ro", home, init), environment={"HOME": str(home)})

    assert finished.returncode == 0


def test_nothing_is_written_outside_the_new_folder(tmp_path: Path) -> None:
    wasmctl("init", tmp_path / "new", environment={"HOME": str(tmp_path / "home")})

    assert [path.name for path in tmp_path.iterdir()] == ["new"]


def test_the_wizard_asks_for_what_is_open(tmp_path: Path) -> None:
    code, shown = at_terminal(
        "init",
        "--template=http-headers",
        typed={
            "Folder": "Edge Auth\n",
            ") [assemblyscript]": "go\n",
            "Name [edge-auth]": "\n",
            "Description": "Mine\n",
        },
        folder=tmp_path,
    )

    assert code == 0, shown
    made = project.load(tmp_path / "Edge Auth").file.project
    assert (made.name, made.language) == ("edge-auth", "go")
    assert "\nMine\n" in (tmp_path / "Edge Auth/README.md").read_text()


def test_the_wizard_tells_what_each_template_does(tmp_path: Path) -> None:
    code, shown = at_terminal(
        "init",
        "new",
        "--lang=go",
        typed={"Template [http-headers]": "minimal\n", "Name [new]": "\n", "Description": "\n"},
        folder=tmp_path,
    )

    assert code == 0, shown
    assert "http-callout" in shown
    assert "Asks an authorization service about each request" in shown
    assert (tmp_path / "new/tests/minimal.wasmtest.yaml").is_file()


def test_the_wizard_asks_again_after_a_wrong_answer(tmp_path: Path) -> None:
    code, shown = at_terminal(
        "init",
        "new",
        *_CHOSEN,
        typed={"Name": "A B\n", "Name [new]": "right\n", "Description": "\n"},
        folder=tmp_path,
    )

    assert code == 0, shown
    assert "'A B' cannot be a project's name" in shown
    assert project.load(tmp_path / "new").name == "right"


def test_the_wizard_does_not_ask_what_options_answer(tmp_path: Path) -> None:
    code, shown = at_terminal(
        "init", "new", *_CHOSEN, "--name=x", "--set=description=y", typed={}, folder=tmp_path
    )

    assert code == 0
    assert "Name" not in shown


@pytest.mark.parametrize(("options", "environment"), [(["--defaults"], {}), ([], {"CI": "true"})])
def test_nobody_is_asked_with_defaults_or_in_ci(
    tmp_path: Path, options: list[str], environment: dict[str, str]
) -> None:
    code, shown = at_terminal(
        "init", "new", *options, typed={}, folder=tmp_path, environment=environment
    )

    assert code == 0, shown
    assert (tmp_path / "new/wasmctl.toml").is_file()


@pytest.mark.parametrize("key", [CTRL_C, "\x04"])
def test_ctrl_c_or_the_end_of_input_at_a_question_leaves_nothing(tmp_path: Path, key: str) -> None:
    code, shown = at_terminal("init", "new", *_CHOSEN, typed={"Name": key}, folder=tmp_path)

    assert code == 130
    assert "error: interrupted" in shown
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_while_the_files_are_made_leaves_all_or_nothing(tmp_path: Path) -> None:
    wasmctl("init", tmp_path / "whole/new")
    (tmp_path / "stopped").mkdir()

    with started("init", "new", folder=tmp_path / "stopped") as process:
        while process.poll() is None and not any((tmp_path / "stopped").iterdir()):
            pass  # the folder in which the project is made appears first
        os.killpg(process.pid, signal.SIGINT)
        process.communicate()

    whole = _names(tmp_path / "whole")
    assert _names(tmp_path / "stopped") in (set(), whole)


def _names(folder: Path) -> set[Path]:
    return {path.relative_to(folder) for path in folder.rglob("*")}


def test_files_that_are_there_stay_or_go_as_told(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine")
    (tmp_path / "notes.txt").write_text("mine")

    skipped = wasmctl("init", ".", "--into-existing=skip", "--format=json", folder=tmp_path)
    kept = (tmp_path / "README.md").read_text()
    replaced = wasmctl("init", ".", "--into-existing=overwrite", folder=tmp_path)

    assert json.loads(skipped.stdout)["kept"] == ["README.md"]
    assert kept == "mine"
    assert "replaced: README.md\n" in replaced.stdout
    assert (tmp_path / "README.md").read_text() != "mine"
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_an_unknown_policy_is_named_with_the_nearest(tmp_path: Path) -> None:
    finished = wasmctl("init", "new", "--into-existing=overwirte", folder=tmp_path)

    assert finished.returncode == 2
    assert "did you mean 'overwrite'?" in finished.stderr


def test_a_template_may_be_a_folder_and_its_hooks_wait_for_trust(tmp_path: Path) -> None:
    template = foreign(tmp_path / "theirs", hook="touch ran")

    careful = wasmctl("init", "a", "--template", template, folder=tmp_path)
    trusting = wasmctl("init", "b", "--template", template, "--trust-hooks", folder=tmp_path)

    assert (careful.returncode, trusting.returncode) == (0, 0), careful.stderr + trusting.stderr
    assert "hooks were not run: post_gen_project.sh" in careful.stderr
    assert "hooks" not in trusting.stderr
    assert not (tmp_path / "a/ran").exists()
    assert (tmp_path / "b/ran").exists()


def test_a_language_is_not_chosen_for_a_template_of_ones_own(tmp_path: Path) -> None:
    template = foreign(tmp_path / "theirs")

    finished = wasmctl("init", "a", "--template", template, "--lang=go", folder=tmp_path)

    assert finished.returncode == 2
    assert "leave it out" in finished.stderr


def test_the_wizard_offers_the_choices_of_a_template(tmp_path: Path) -> None:
    template = foreign(tmp_path / "theirs", flavour=["sweet", "sour"])

    code, shown = at_terminal(
        "init",
        "new",
        f"--template={template}",
        typed={"Name [new]": "\n", "Flavour (sweet, sour) [sweet]": "salt\n", "[sweet]": "sour\n"},
        folder=tmp_path,
    )

    assert code == 0, shown
    assert "known are sweet, sour" in shown
    assert (tmp_path / "new/notes.txt").read_text() == "new is sour\n"
