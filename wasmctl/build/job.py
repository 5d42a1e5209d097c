"""One build under way: its commands run in view, their failures put into words."""

import errno
import re
from collections.abc import Callable
from dataclasses import dataclass

from wasmctl import files
from wasmctl.build.engines import Engine
from wasmctl.errors import BuildFailedError, WasmctlError
from wasmctl.languages.base import Command, Language
from wasmctl.processes import Finished
from wasmctl.project import Project

# How the programs of a build print what the file system refused, in upper and lower case.
_REFUSALS = {
    "no space left on device": errno.ENOSPC,
    "read-only file system": errno.EROFS,
}


@dataclass(frozen=True, kw_only=True)
class Job:
    """What the steps of one build share.

    Attributes:
        on_line: shows a line of progress; without it, errors carry the whole output.

    """

    project: Project
    language: Language
    engine: Engine
    on_line: Callable[[str], None] | None

    def run(self, command: Command) -> Finished:
        """Run a command of the language in the project's folder, announced and shown."""
        self.show(f"$ {command}")
        return self.engine.run(
            command, language=self.language, root=self.project.root, on_line=self.show
        )

    def show(self, line: str) -> None:
        """Show a line of progress, if anybody looks."""
        if self.on_line:
            self.on_line(line)

    def failure(self, finished: Finished, doing: str, *, hint: str) -> WasmctlError:
        """Say that a command failed while ``doing`` something ("install the packages")."""
        for words, number in _REFUSALS.items():
            if any(words in line.lower() for line in finished.output):
                return files.refusal(OSError(number, words), "build in", self.project.root)
        return BuildFailedError(
            f"could not {doing}: {_ending(finished)}",
            hint=self._remedy(finished) or hint,
            details=self.evidence(finished),
        )

    def _remedy(self, finished: Finished) -> str | None:
        for remedy in self.language.remedies:
            for line in finished.output:
                found = re.search(remedy.pattern, line)
                if found:
                    return remedy.hint.format(*found.groups())
        return None

    def evidence(self, finished: Finished) -> tuple[str, ...]:
        """Return the output of a command for an error, unless it was shown already."""
        return () if self.on_line else finished.output


def _ending(finished: Finished) -> str:
    if finished.exit_code < 0:
        return f"the program was ended by signal {-finished.exit_code}"
    return f"the program exited with {finished.exit_code}"
