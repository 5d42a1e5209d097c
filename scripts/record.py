"""Records a session of ``wasmctl run`` as a picture: ``python -m scripts.record``.

Every command is really run; needs Node.js, Envoy and curl, as ``make demo`` does. Writes
docs/how-to/run.svg.
"""

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

PICTURE = Path(__file__).resolve().parent.parent / "docs/how-to/run.svg"
PROGRAM = Path(sys.executable).with_name("wasmctl")
WIDTH = 100


class Session:
    """A shell session in a folder, recorded."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        state = folder.with_name("state")
        path = f"{PROGRAM.parent}{os.pathsep}{os.environ['PATH']}"
        self._environment = os.environ | {"PATH": path, "XDG_STATE_HOME": str(state)}
        self.console = Console(record=True, width=WIDTH, highlight=False, force_terminal=True)

    def run(self, words: str, *, shown: str | None = None) -> str:
        """Run a command; record it and what it says."""
        self.console.print(Text.assemble(("$ ", "bold green"), (shown or words, "bold")))
        done = subprocess.run(
            shlex.split(words),
            cwd=self._folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        for line in done.stdout.splitlines():
            style = (
                "bold red"
                if line.startswith("error:")
                else "cyan"
                if line.startswith("hint:")
                else ""
            )
            self.console.print(Text(line.replace(str(self._folder), "."), style=style))
        return done.stdout

    def quietly(self, words: str) -> None:
        """Run a command that is not part of the session."""
        subprocess.run(
            shlex.split(words),
            cwd=self._folder,
            env=self._environment,
            check=True,
            capture_output=True,
        )


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "hello"
        folder.mkdir()
        session = Session(folder)
        session.quietly("wasmctl init . --lang assemblyscript --defaults --name hello")
        session.quietly("wasmctl build")
        try:
            said = session.run("wasmctl run --detach")
            url = next(line.split()[1] for line in said.splitlines() if line.startswith("url"))
            session.run(f"curl -s {url}/hello")
            session.run("wasmctl runs logs")
            session.run("wasmctl runs ls")
        finally:
            session.run("wasmctl runs stop")
        session.run("wasmctl run --plugin-config '{\"headers\": 1'")
    # Without the fonts that rich would have readers' browsers fetch from elsewhere.
    form = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    PICTURE.write_text(session.console.export_svg(title="wasmctl run", code_format=form))
    print(f"wrote {PICTURE}")


if __name__ == "__main__":
    main()
