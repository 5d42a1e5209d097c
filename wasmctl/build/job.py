"""One build under way: its commands run in view, their failures put into words."""

import errno
import re
from collections.abc import Callable
from dataclasses import dataclass

from wasmctl import files
from wasmctl.build.engines.base import Order, Ran, Workshop
from wasmctl.errors import BuildFailedError, EnvironmentMissingError, WasmctlError
from wasmctl.languages.base import Language
from wasmctl.project import Project

# How the programs of a build print what the file system refused, in upper and lower case.
_FULL = "no space left on device"
_REFUSALS = {_FULL: errno.ENOSPC, "read-only file system": errno.EROFS}

_SIGNAL = 128


@dataclass(frozen=True, kw_only=True)
class Job:
    """What the steps of one build share.

    Attributes:
        is_locked: whether the locks of the project may not change.
        on_line: shows a line of progress; without it, errors carry the whole output.

    """

    order: Order
    workshop: Workshop
    is_locked: bool
    on_line: Callable[[str], None] | None

    @property
    def project(self) -> Project:
        """What is built."""
        return self.order.project

    @property
    def language(self) -> Language:
        """What it is written in."""
        return self.order.language

    def failure(self, ran: Ran, doing: str, *, hint: str) -> WasmctlError:
        """Say that a command failed while ``doing`` something ("install the packages")."""
        for words, number in _REFUSALS.items():
            if any(words in line.lower() for line in ran.output):
                return self._refusal(words, number)
        return BuildFailedError(
            f"could not {doing}: {_ending(ran)}",
            hint=self._remedy(ran) or hint,
            details=self.evidence(ran),
        )

    def _refusal(self, words: str, number: int) -> WasmctlError:
        if self.workshop.image and words == _FULL:
            return EnvironmentMissingError(
                "the disk of the Docker Engine is full",
                hint="free some of it: `wasmctl cache prune`, `docker system prune`",
            )
        return files.refusal(OSError(number, words), "build in", self.project.root)

    def _remedy(self, ran: Ran) -> str | None:
        if ran.reason:
            return "let it have more, or let the compiler need less: no link-time optimization"
        for remedy in self.language.remedies:
            for line in ran.output:
                found = re.search(remedy.pattern, line)
                if found:
                    return remedy.hint.format(*found.groups())
        return None

    def evidence(self, ran: Ran) -> tuple[str, ...]:
        """Return the output of a command for an error, unless it was shown already."""
        return () if self.on_line else ran.output


def _ending(ran: Ran) -> str:
    if ran.reason:
        return ran.reason
    number = -ran.exit_code if ran.exit_code < 0 else ran.exit_code - _SIGNAL
    if number > 0:
        return f"the program was ended by signal {number}"
    return f"the program exited with {ran.exit_code}"
