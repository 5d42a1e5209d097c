"""Questions to a person: only where somebody can answer, and only of what is left open."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer

from wasmctl.errors import InterruptedByUserError, UsageError

Check = Callable[[str], str]

# How a question is answered: (question, default, check) to the answer that passed the check.
Answer = Callable[[str, str, Check], str]


def can_ask() -> bool:
    """Whether a person sits at a terminal: never in a CI job, never behind a pipe."""
    return sys.stdin.isatty() and sys.stderr.isatty() and not os.environ.get("CI")


def take_default(_question: str, default: str, check: Check) -> str:
    """Answer with the default."""
    return check(default)


def ask(question: str, default: str, check: Check) -> str:
    """Ask on stderr; an answer that ``check`` refuses with UsageError is asked for again."""

    def checked(answer: str) -> str:
        try:
            return check(answer)
        except UsageError as error:
            raise typer.BadParameter(f"{error.message}; {error.hint}") from error

    with _stoppable():
        answer: str = typer.prompt(question, default=default, value_proc=checked, err=True)
        return answer


def choose(question: str, known: list[str], answer: Answer) -> str:
    """Have one of the known words chosen; the first is the default, an only one is not asked."""

    def among(word: str) -> str:
        if word not in known:
            raise UsageError(f"{word!r} is none of them", hint=f"known are {', '.join(known)}")
        return word

    if len(known) == 1:
        return known[0]
    return answer(f"{question} ({', '.join(known)})", known[0], among)


@contextmanager
def _stoppable() -> Iterator[None]:
    # typer makes Ctrl-C and the end of input one exception of its own.
    try:
        yield
    except typer.Abort as error:
        raise InterruptedByUserError(
            "interrupted; nothing was made", hint="run the command again when ready"
        ) from error
