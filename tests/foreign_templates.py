"""Templates that are none of wasmctl's own."""

import json
from pathlib import Path

from tests.projects import write

_PROJECT = "{{cookiecutter.name}}"


def foreign(
    folder: Path,
    *,
    files: dict[str, str] | None = None,
    hook: str = "",
    **variables: object,
) -> Path:
    """Make a template with a few files, and perhaps a shell hook; its project is called new."""
    asked = {"name": "new", "flavour": "plain"} | variables
    write(folder / "cookiecutter.json", json.dumps(asked))
    own = {"notes.txt": "{{cookiecutter.name}} is {{cookiecutter.flavour}}\n"} | (files or {})
    for name, text in own.items():
        write(folder / _PROJECT / name, text)
    if hook:
        write(folder / "hooks/post_gen_project.sh", f"#!/bin/sh\n{hook}\n")
    return folder
