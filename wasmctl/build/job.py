"""One build under way: its commands run in view, their failures put into words."""

import contextlib
import errno
import re
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from wasmctl import files
from wasmctl.build.engines.base import Order, Ran, Workshop
from wasmctl.errors import (
    BuildFailedError,
    DriftError,
    EnvironmentMissingError,
    FilesError,
    WasmctlError,
)
from wasmctl.languages.base import Language
from wasmctl.project import Project

# How the programs of a build print what the file system refused, in upper and lower case.
_REFUSALS = {
    "no space left on device": errno.ENOSPC,
    "disk quota exceeded": errno.EDQUOT,
    "read-only file system": errno.EROFS,
}
# Those who meet them can do nothing about the sources, as where a tool is missing.
_NOT_THE_SOURCES = {*_REFUSALS.values(), errno.EACCES, errno.EPERM}

# How they print that they, or a program of theirs, got no more memory: V8, Go and Rust.
_NEEDED_MORE = re.compile(
    "cannot allocate memory|heap out of memory|process out of memory|runtime: out of memory"
    "|memory allocation of .+ failed|signal: killed|signal: 9, SIGKILL",
    re.IGNORECASE,
)
_LESS = "let the compiler need less: no link-time optimization"

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
        drift = self.drift(ran)
        if drift:
            return drift
        for words, number in _REFUSALS.items():
            for line in ran.output:
                if words in line.lower():
                    return self._refused(ran, number, f"could not {doing}: {line.strip()}")
        return BuildFailedError(
            f"could not {doing}: {_ending(ran)}",
            hint=self._remedy(ran) or hint,
            details=self.evidence(ran),
        )

    def drift(self, ran: Ran) -> DriftError | None:
        """Return the error of a lock that is wrong and may not change, where that was it."""
        fetch = self.language.fetch
        for line in ran.output if self.is_locked else ():
            if any(word in line for word in fetch.drifted):
                return DriftError(
                    f"{fetch.lock} does not pin what the project names: {line.strip()}",
                    hint=f"take {fetch.lock} back as it was; or, where the project was changed on"
                    " purpose, build once without --locked",
                    details=self.evidence(ran),
                )
        return None

    def _refused(self, ran: Ran, number: int, message: str) -> WasmctlError:
        details = self.evidence(ran)
        if not self.workshop.image:
            return EnvironmentMissingError(message, hint=files.remedy(number), details=details)
        if number == errno.EROFS:
            return BuildFailedError(
                message,
                hint="a build in a container cannot change the project: write to /tmp, or build"
                " with --engine local",
                details=details,
            )
        return EnvironmentMissingError(
            f"the disk of the Docker Engine is full: {message}",
            hint="free some of it: `wasmctl cache prune`, `docker system prune`",
            details=details,
        )

    def _remedy(self, ran: Ran) -> str | None:
        if ran.reason:
            return f"let it have more, or {_LESS}"
        if -ran.exit_code == signal.SIGKILL or any(map(_NEEDED_MORE.search, ran.output)):
            return f"there was too little memory, it seems: end other programs, or {_LESS}"
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


@contextlib.contextmanager
def somewhere_to_build() -> Iterator[None]:
    """Raise EnvironmentMissingError for a FilesError of a disk that takes nothing.

    A build needs room as it needs a compiler; whoever corrects sources looks for exit code 5.
    """
    try:
        yield
    except FilesError as error:
        cause = error.__cause__
        if isinstance(cause, OSError) and cause.errno in _NOT_THE_SOURCES:
            raise EnvironmentMissingError(error.message, hint=error.hint) from cause
        raise
