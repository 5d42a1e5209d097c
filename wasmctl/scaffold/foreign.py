"""Templates that come from elsewhere: a folder, or a git repository."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from wasmctl import processes
from wasmctl.errors import EnvironmentMissingError, FilesError, NetworkError, UsageError
from wasmctl.processes import Finished
from wasmctl.scaffold import template
from wasmctl.scaffold.git_address import GitAddress, parse
from wasmctl.scaffold.template import Template

_GIT = "git+"
_SCHEMES = ("http://", "https://", "ssh://", "git://", "git@")

# No other program is started for a transport, and nobody is asked for a password: a helper that
# knows one is. (Git's programs have no terminal, and ssh asks only there.)
_QUIET = {
    "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",
    "SSH_ASKPASS_REQUIRE": "never",
}

# A server that says nothing for a minute has gone; a repository brings no hooks into the checkout.
_SETTINGS = {"http.lowSpeedLimit": "1", "http.lowSpeedTime": "60", "core.hooksPath": "/dev/null"}


def is_foreign(word: str) -> bool:
    """Tell whether a word of the user names a template elsewhere, and not a built-in one."""
    return word.startswith((_GIT, ".", "~")) or "/" in word


@contextlib.contextmanager
def opened(word: str) -> Iterator[Template]:
    """Give the template that a folder's path or a git address names, while the block runs.

    Raises FilesError, UsageError, NetworkError or DefinitionError where there is none to be had.
    """
    if not word.startswith(_GIT):
        yield _read(Path(word).expanduser().resolve().name, _folder(word))
        return
    address = parse(word.removeprefix(_GIT))
    with tempfile.TemporaryDirectory(prefix="wasmctl-template-") as place:
        _fetch(address, Path(place))
        yield _read(address.name, _inside(Path(place), address.folder))


def _folder(word: str) -> Path:
    folder = Path(word).expanduser()
    if not folder.is_dir():
        hint = f"write {_GIT}{word}" if word.startswith(_SCHEMES) else "name a template's folder"
        raise FilesError(f"no folder {word}", hint=hint)
    return folder


def _inside(place: Path, folder: str) -> Path:
    found = (place / folder).resolve()
    if not found.is_relative_to(place.resolve()) or not found.is_dir():
        raise UsageError(
            f"the repository has no folder {folder}", hint="name one of it behind #subdirectory="
        )
    return found


def _read(name: str, folder: Path) -> Template:
    return template.read(name, (folder,), language="", is_foreign=True)


def _fetch(address: GitAddress, folder: Path) -> None:
    _git(folder, "init", "--quiet")
    # One commit is fetched, be it named by a branch, a tag or its own hash.
    fetch = ("fetch", "--quiet", "--depth=1", "--no-recurse-submodules", "--")
    _git(folder, *fetch, address.url, address.ref or "HEAD")
    _git(folder, "checkout", "--quiet", "FETCH_HEAD")


def _git(folder: Path, *words: str) -> None:
    program = processes.find("git")
    if program is None:
        raise EnvironmentMissingError(
            "git is not installed", hint="install it, or name a template's folder"
        )
    settings = [word for key, value in _SETTINGS.items() for word in ("-c", f"{key}={value}")]
    finished = processes.run(
        [program, *settings, *words], folder=folder, environment=_QUIET | _own_places(folder)
    )
    if finished.exit_code != 0:
        raise NetworkError(
            f"git {words[0]} failed: {_cause(finished)}",
            hint="check the address, the REF behind @, and that git may read it",
            details=finished.output,
        )


def _own_places(folder: Path) -> dict[str, str]:
    """Return what Git's variables must say: in a hook of its, they name the user's repository."""
    own = folder / ".git"
    return {
        "GIT_DIR": str(own),
        "GIT_WORK_TREE": str(folder),
        "GIT_INDEX_FILE": str(own / "index"),
        "GIT_OBJECT_DIRECTORY": str(own / "objects"),
    }


def _cause(finished: Finished) -> str:
    """Return what Git says is wrong; its last lines may be advice."""
    said = [line for line in finished.output if line.startswith(("fatal: ", "error: "))]
    return next(iter([*said, *finished.output[-1:]]), f"exit code {finished.exit_code}")
