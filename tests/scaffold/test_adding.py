"""How a template is added: by its folders, and nothing else."""

import json
import shutil
import sys
from pathlib import Path

from tests.command import checkout, run
from tests.projects import write

_PROJECT = "{{cookiecutter.name}}"


def _wasmctl(copy: Path, *words: str, folder: Path) -> str:
    """Run a copy of the program; return what it prints."""
    finished = run(
        [sys.executable, "-m", "wasmctl", *words],
        folder=folder,
        environment={"PYTHONPATH": str(copy)},
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def test_a_template_is_its_folders(tmp_path: Path) -> None:
    """As `docs/contributing.md` tells it."""
    copy = tmp_path / "copy"
    for name in ("wasmctl", "templates"):
        shutil.copytree(checkout() / name, copy / name)
    kind = copy / "templates/_kinds/http-new"
    shutil.copytree(copy / "templates/_kinds/minimal", kind)
    asked = {"name": "http-new", "description": "Does something new.", "depth": "3"}
    write(kind / "cookiecutter.json", json.dumps(asked))
    shutil.copytree(copy / "templates/go/minimal", copy / "templates/go/http-new")
    write(copy / f"templates/go/http-new/{_PROJECT}/new.txt", "{{cookiecutter.depth}} deep\n")

    listed = json.loads(_wasmctl(copy, "init", "--list", "--format", "json", folder=tmp_path))
    text = _wasmctl(copy, "init", "--list", folder=tmp_path)
    options = ("--lang=go", "--template=http-new", "--set=depth=4")
    _wasmctl(copy, "init", "a", *options, folder=tmp_path)

    found = [each for each in listed if each["name"] == "http-new"]
    assert [each["language"] for each in found] == ["go"]
    assert "http-new  go\n  Does something new.\n  --set depth=3\n" in text
    assert (tmp_path / "a/new.txt").read_text() == "4 deep\n"
    assert 'language = "go"' in (tmp_path / "a/wasmctl.toml").read_text()
