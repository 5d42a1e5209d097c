"""The Docker Engine."""

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

# The oldest API that is asked for; engines answer in it and in every later one.
_API_VERSION = "1.41"

_DEFAULT_ENDPOINT = "unix:///var/run/docker.sock"
_LOOPBACK = {None, "localhost", "127.0.0.1", "::1"}

_HINTS = {
    errno.EACCES: "add yourself to the group `docker` and log in again, or use a rootless engine",
    errno.ENOENT: "start Docker Engine, or name the engine to use in DOCKER_HOST",
    errno.ECONNREFUSED: "start Docker Engine, or name the engine to use in DOCKER_HOST",
}


@dataclass(frozen=True, kw_only=True)
class DockerEngine:
    """An engine that answers: where it is, its release and the newest API it speaks."""

    endpoint: str
    version: str
    api_version: str


def engine() -> DockerEngine:
    """Return the engine that the user's environment or Docker context names.

    Raises EnvironmentMissingError where it does not answer, with the reason.
    """
    endpoint = _DEFAULT_ENDPOINT
    try:
        asked = {"version": _API_VERSION, "timeout": _PATIENCE_SECONDS, **_settings()}
        endpoint = asked.setdefault("base_url", endpoint)
        _knock(endpoint)
        with docker.APIClient(**asked) as client:
            # A proxy for the network has no business between us and an engine on this machine.
            client.trust_env = urlsplit(endpoint).hostname not in _LOOPBACK
            answer = client.version(api_version=False)
            return DockerEngine(
                endpoint=endpoint, version=answer["Version"], api_version=answer["ApiVersion"]
            )
    except (DockerException, OSError, ValueError, KeyError) as error:
        raise _unreachable(endpoint, error) from error


def _knock(endpoint: str) -> None:
    # docker-py leaks its socket where nobody listens (7.2.0), and wraps the reason three times.
    _scheme, is_local, path = endpoint.rpartition("unix://")
    if is_local:
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(_PATIENCE_SECONDS)
            probe.connect("/" + path.lstrip("/"))


def _settings() -> dict[str, Any]:
    # As the docker command chooses: DOCKER_HOST, else the current context.
    settings: dict[str, Any] = {**kwargs_from_env()}
    if "base_url" in settings:
        return settings
    return {**ContextAPI.kwargs_from_context(environment=os.environ), **settings}


def _unreachable(endpoint: str, error: BaseException) -> EnvironmentMissingError:
    refusal = _system_error(error)
    reason = os.strerror(refusal) if refusal else str(error) or type(error).__name__
    hint = _HINTS.get(refusal or 0, "see that DOCKER_HOST or the Docker context names an engine")
    return EnvironmentMissingError(f"no Docker Engine answers at {endpoint}: {reason}", hint=hint)


def _system_error(error: BaseException | None) -> int | None:
    """Return the number of the system's refusal below the exceptions that wrap it."""
    while error:
        if isinstance(error, OSError) and error.errno:
            return error.errno
        error = error.__context__
    return None
