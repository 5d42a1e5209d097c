"""Questions to a person: only where somebody can answer, and only of what is left open."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import typer

from wasmctl.cli.output import console
from wasmctl.errors import FilesError, InterruptedByUserError, UsageError

Check = Callable[[str], str]


# How a question is answered: (question, default, check, words that may be completed) to the
# answer that passed the check.
Answer = Callable[[str, str, Check, Sequence[str]], str]


def can_ask() -> bool:
    """Whether a person sits at a terminal: never in a CI job, never behind a pipe."""
    return sys.stdin.isatty() and sys.stderr.isatty() and not os.environ.get("CI")


def take_default(_question: str, default: str, check: Check, _words: Sequence[str] = ()) -> str:
    """Answer with the default."""
    return check(default)


def ask(question: str, default: str, check: Check, words: Sequence[str] = ()) -> str:
    """Ask on stderr; an answer that ``check`` refuses is asked for again, with the reason."""

    def checked(answer: str) -> str:
        try:
            return check(answer)
        except (UsageError, FilesError) as error:
            raise typer.BadParameter(f"{error.message}; {error.hint}") from error

    with _stoppable(), _edited(words):
        answer: str = typer.prompt(question, default=default, value_proc=checked, err=True)
        return answer


def choose(
    question: str,
    known: Mapping[str, str],
    answer: Answer,
    aliases: Mapping[str, str] | None = None,
) -> str:
    """Have one of the known words chosen, by itself, its beginning or, in a list, its number.

    The first is the default; an only one is not asked for. Where words have descriptions, they
    are shown in a list before the question. ``aliases`` are accepted for words, too.
    """
    words = list(known)
    is_listed = any(known.values())
    if len(words) == 1:
        return words[0]
    if is_listed and answer is not take_default:
        _show_list(known)
    asked = question if is_listed else f"{question} ({', '.join(words)})"

    def among(word: str) -> str:
        return _among((aliases or {}).get(word, word), words, is_listed=is_listed)

    return answer(asked, words[0], among, words)


def _among(word: str, words: Sequence[str], *, is_listed: bool) -> str:
    if is_listed and word.isdecimal() and 0 < int(word) <= len(words):
        return words[int(word) - 1]
    found = [each for each in words if each == word] or [
        each for each in words if word and each.startswith(word)
    ]
    if len(found) != 1:
        raise UsageError(f"{word!r} is none of them", hint=f"known are {', '.join(words)}")
    return found[0]


def _show_list(known: Mapping[str, str]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2, 0, 0))
    for number, (word, description) in enumerate(known.items(), start=1):
        table.add_row(f"  {number}", Text(word, style="bold"), Text(description))
    console(stderr=True).print(table)


@contextmanager
def _edited(words: Sequence[str]) -> Iterator[None]:
    """Let the line be edited by its keys, and the words be completed by Tab, where that exists."""
    try:
        import readline
    except ImportError:
        yield
        return
    readline.set_auto_history(False)
    readline.set_completer_delims("")
    readline.parse_and_bind("tab: complete")
    readline.set_completer(
        lambda text, number: dict(enumerate(w for w in words if w.startswith(text))).get(number)
    )
    try:
        yield
    finally:
        readline.set_completer(None)


@contextmanager
def _stoppable() -> Iterator[None]:
    # typer makes Ctrl-C and the end of input one exception of its own.
    try:
        yield
    except typer.Abort as error:
        raise InterruptedByUserError(
            "interrupted; nothing was made", hint="run the command again when ready"
        ) from error
