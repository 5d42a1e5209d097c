"""Where the Docker Engine is that the user's environment names, and what it says of itself."""

import errno
import os
import socket
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import docker
from docker.context import ContextAPI
from docker.errors import DockerException
from docker.utils import kwargs_from_env

from wasmctl.errors import EnvironmentMissingError

# Long enough for an engine on another machine, short enough to wait for at a terminal.
_PATIENCE_SECONDS = 3

# The oldest API that has all we ask for: Docker Engine 20.10. Engines answer in every version
# from the oldest to the newest they name.
OLDEST_API = "1.41"

_DEFAULT_ENDPOINT = "unix:///var/run/docker.sock"
_LOOPBACK = {None, "localhost", "127.0.0.1", "::1"}

_HINTS = {
    errno.EACCES: "add yourself to the group `docker` and log in again, or use a rootless engine",
    errno.ENOENT: "start Docker Engine, or name the engine to use in DOCKER_HOST",
    errno.ECONNREFUSED: "start Docker Engine, or name the engine to use in DOCKER_HOST",
}


@dataclass(frozen=True, kw_only=True)
class DockerEngine:
    """An engine that answers.

    Attributes:
        endpoint: where it is, as DOCKER_HOST names it.
        version: its release.
        api_version: the newest API that it speaks.
        asked_version: the API in which it is asked.
        architecture: of the programs it runs, in Go's words: ``amd64``, ``arm64``.
        kernel: the release of the system's kernel below its containers.

    """

    endpoint: str
    version: str
    api_version: str
    asked_version: str
    architecture: str
    kernel: str


def engine() -> DockerEngine:
    """Return the engine that the user's environment or Docker context names.

    Raises EnvironmentMissingError where it does not answer, with the reason, and where it is too
    old.
    """
    endpoint = _DEFAULT_ENDPOINT
    try:
        asked = settings()
        endpoint = asked["base_url"]
        _knock(endpoint)
        with docker.APIClient(version=OLDEST_API, timeout=_PATIENCE_SECONDS, **asked) as client:
            keep_from_proxies(client, endpoint)
            found = _described(endpoint, client.version(api_version=False))
    except (DockerException, OSError, ValueError, KeyError) as error:
        raise unreachable(endpoint, error) from error
    if _number(found.api_version) < _number(OLDEST_API):
        raise _too_old(found)
    return found


def settings() -> dict[str, Any]:
    """Return what docker-py needs to reach the engine, chosen as the docker command chooses.

    DOCKER_HOST, else the current context. Raises what docker-py raises for bad ones.
    """
    found: dict[str, Any] = {**kwargs_from_env()}
    if "base_url" not in found:
        found = {**ContextAPI.kwargs_from_context(environment=os.environ), **found}
    return {"base_url": _DEFAULT_ENDPOINT, **found}


def keep_from_proxies(client: docker.APIClient, endpoint: str) -> None:
    """Let no proxy for the network come between us and an engine on this machine."""
    client.trust_env = urlsplit(endpoint).hostname not in _LOOPBACK


def unreachable(endpoint: str, error: BaseException) -> EnvironmentMissingError:
    """Return the error for an engine that does not answer, of what was met instead."""
    refusal = _system_error(error)
    reason = os.strerror(refusal) if refusal else str(error) or type(error).__name__
    hint = _HINTS.get(refusal or 0, "see that DOCKER_HOST or the Docker context names an engine")
    return EnvironmentMissingError(f"no Docker Engine answers at {endpoint}: {reason}", hint=hint)


def _knock(endpoint: str) -> None:
    # docker-py leaks its socket where nobody listens (7.2.0), and wraps the reason three times.
    _scheme, is_local, path = endpoint.rpartition("unix://")
    if is_local:
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(_PATIENCE_SECONDS)
            probe.connect("/" + path.lstrip("/"))


def _described(endpoint: str, answer: dict[str, Any]) -> DockerEngine:
    # The newest engines answer no more in the oldest API that we know (Docker Engine 29: 1.44).
    oldest = max(OLDEST_API, answer.get("MinAPIVersion") or OLDEST_API, key=_number)
    return DockerEngine(
        endpoint=endpoint,
        version=answer["Version"],
        api_version=answer["ApiVersion"],
        asked_version=oldest,
        architecture=answer.get("Arch", ""),
        kernel=answer.get("KernelVersion", ""),
    )


def _number(api_version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in api_version.split("."))


def _too_old(found: DockerEngine) -> EnvironmentMissingError:
    return EnvironmentMissingError(
        f"the Docker Engine at {found.endpoint} is too old: {found.version} speaks API"
        f" {found.api_version}, and {OLDEST_API} is needed",
        hint="update it to Docker Engine 20.10 or newer, or name another one in DOCKER_HOST",
    )


def _system_error(error: BaseException | None) -> int | None:
    """Return the number of the system's refusal below the exceptions that wrap it."""
    while error:
        if isinstance(error, OSError) and error.errno:
            return error.errno
        error = error.__context__
    return None
