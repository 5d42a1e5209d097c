"""Templates that come from elsewhere: a folder, or a git repository."""

import contextlib
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from wasmctl import processes
from wasmctl.errors import EnvironmentMissingError, FilesError, NetworkError, UsageError
from wasmctl.scaffold import template
from wasmctl.scaffold.template import Template

_GIT = "git+"

# No other program is started for a transport, nobody is asked for a password, and a repository
# brings no hooks of its own into the checkout.
_QUIET = {"GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh", "GIT_TERMINAL_PROMPT": "0"}

# The last @ behind the last slash: an address may have a user before its host.
_ADDRESS = re.compile(r"(?P<url>.+?/[^/@]*)(?:@(?P<ref>[^@]+))?")


def is_foreign(word: str) -> bool:
    """Tell whether a word of the user names a template elsewhere, and not a built-in one."""
    return word.startswith((_GIT, ".", "~")) or "/" in word


@contextlib.contextmanager
def opened(word: str) -> Iterator[Template]:
    """Give the template that a folder's path or ``git+URL[@REF]`` names, while the block runs.

    Raises FilesError, NetworkError or DefinitionError where there is none to be had.
    """
    if not word.startswith(_GIT):
        folder = Path(word).expanduser()
        if not folder.is_dir():
            raise FilesError(f"no folder {word}", hint="name a template's folder, or git+URL")
        yield _read(folder.resolve().name, folder)
        return
    with tempfile.TemporaryDirectory(prefix="wasmctl-template-") as folder_name:
        url = _fetch(word, Path(folder_name))
        yield _read(url.rstrip("/").rpartition("/")[2].removesuffix(".git"), Path(folder_name))


def _read(name: str, folder: Path) -> Template:
    return template.read(name, (folder,), language="", is_foreign=True)


def _fetch(word: str, folder: Path) -> str:
    address = _ADDRESS.fullmatch(word.removeprefix(_GIT))
    if address is None or address["url"].startswith("-"):
        raise UsageError(f"{word} is no address", hint="write git+https://HOST/PATH[@REF]")
    _git(folder, "init", "--quiet")
    # One commit is fetched, be it named by a branch, a tag or its own hash.
    fetch = ("fetch", "--quiet", "--depth=1", "--no-recurse-submodules", "--")
    _git(folder, *fetch, address["url"], address["ref"] or "HEAD")
    _git(folder, "-c", "core.hooksPath=/dev/null", "checkout", "--quiet", "FETCH_HEAD")
    return address["url"]


def _git(folder: Path, *words: str) -> None:
    program = processes.find("git")
    if program is None:
        raise EnvironmentMissingError(
            "git is not installed", hint="install it, or name a template's folder"
        )
    finished = processes.run([program, *words], folder=folder, environment=_QUIET)
    if finished.exit_code != 0:
        cause = finished.output[-1] if finished.output else f"exit code {finished.exit_code}"
        raise NetworkError(
            f"git {words[0]} failed: {cause}",
            hint="check the address, the REF behind @, and that git may read it",
            details=finished.output[:-1],
        )
