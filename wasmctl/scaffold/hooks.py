"""The programs that a foreign template brings: run only where its user trusts them."""

import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from wasmctl import processes
from wasmctl.errors import BuildFailedError, EnvironmentMissingError
from wasmctl.processes import Finished
from wasmctl.scaffold import rendering
from wasmctl.scaffold.template import Template

# (when, the folder of the project) runs the hooks of that moment.
Hooks = Callable[[str, Path], None]


def none(_when: str, _folder: Path) -> None:
    """Run nothing."""


def of(template: Template, variables: Mapping[str, object]) -> Hooks:
    """Return what runs a template's hooks, themselves made by Jinja as its files are.

    It raises BuildFailedError where one fails, with its last lines.
    """

    def run(when: str, folder: Path) -> None:
        for script in template.hooks:
            if script.stem == when:
                _run(script, variables, folder)

    return run


def _run(script: Path, variables: Mapping[str, object], folder: Path) -> None:
    where = f"hooks/{script.name}"
    with tempfile.TemporaryDirectory(prefix="wasmctl-hook-") as temporary:
        made = Path(temporary) / script.name
        made.write_text(rendering.text(rendering.source(script, where), variables, where))
        made.chmod(0o700)
        program: list[str | Path] = [sys.executable, made] if script.suffix == ".py" else [made]
        finished = _finished(program, script, folder)
    if finished.exit_code != 0:
        raise BuildFailedError(
            f"the template's hook {script.name} failed with exit code {finished.exit_code}",
            hint="nothing was made; correct the hook, or leave --trust-hooks out",
            details=finished.output[-20:],
        )


def _finished(program: list[str | Path], script: Path, folder: Path) -> Finished:
    try:
        return processes.run(program, folder=folder)
    except EnvironmentMissingError as error:
        raise BuildFailedError(
            f"the template's hook {script.name} cannot be started: {error.message}",
            hint="let its first line name what reads it: #!/bin/sh",
        ) from error
