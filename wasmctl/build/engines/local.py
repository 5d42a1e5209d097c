"""Builds with the programs of this machine."""

from collections.abc import Callable
from pathlib import Path

from wasmctl import processes
from wasmctl.build.tools import locate
from wasmctl.languages.base import Command, Language


class LocalEngine:
    """Starts a language's tools from PATH, or from the Python packages that bring them."""

    name = "local"

    def version(self, language: Language, tool: str) -> str:
        """Return the version of the copy that ``run`` would start."""
        return locate(language.tool(tool)).version

    def run(
        self, command: Command, *, language: Language, root: Path, on_line: Callable[[str], None]
    ) -> processes.Finished:
        """Run a command in the project's folder, in a process group of its own."""
        program = locate(language.tool(command.tool)).command
        return processes.run(
            [*program, *command.words[1:]],
            folder=root,
            environment=command.environment,
            on_line=on_line,
        )
