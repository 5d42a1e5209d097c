"""A command at a terminal, with somebody who types."""

import os
import pty
import select
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from tests import components
from tests.command import WASMCTL, surroundings

CTRL_C = "\x03"
_SILENCE_SECONDS = 60.0
# Nobody types quicker, and Python hears of a Ctrl-C that comes between its prompt and its read only
# with the next key.
_MOMENT_SECONDS = 0.2


def at_terminal(
    *words: str | Path,
    typed: Mapping[str, str],
    folder: Path,
    environment: Mapping[str, str] | None = None,
    command: tuple[str, ...] = WASMCTL,
) -> tuple[int, str]:
    """Run a command on a pseudo-terminal; return its exit code and all that was shown.

    ``typed`` says what is typed once a text is on the screen, each in its turn.
    """
    components.need_terminals()
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        ["/usr/bin/setsid", "--ctty", *command, *map(str, words)],
        cwd=folder,
        env=surroundings({"CI": "", "TERM": "xterm", **(environment or {})}),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    try:
        shown = _converse(ours, dict(typed))
        return process.wait(60), shown
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def _converse(terminal: int, typed: dict[str, str]) -> str:
    shown, answered_to = "", 0
    while True:
        heard, _, _ = select.select([terminal], [], [], _SILENCE_SECONDS)
        assert heard, f"nothing more is shown, and {list(typed)} was not asked; shown: {shown}"
        try:
            received = os.read(terminal, 4096)
        except OSError:  # the other end is closed
            return shown.replace("\r\n", "\n")
        if not received:
            return shown.replace("\r\n", "\n")
        shown += received.decode(errors="replace")
        for prompt, answer in list(typed.items())[:1]:
            if prompt in shown[answered_to:]:
                time.sleep(_MOMENT_SECONDS)
                os.write(terminal, answer.encode())
                answered_to = len(shown)
                del typed[prompt]
