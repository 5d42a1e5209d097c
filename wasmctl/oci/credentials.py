"""Which user and password for which registry, and from which file or helper.

Source: Docker's ``config.json`` (``auths``, ``credHelpers``, ``credsStore``), which podman,
skopeo and oras read and write too; docker-credential-helpers' protocol. They are only looked up
when a registry asks, so that a missing helper never stops what needs no login.
"""

import base64
import binascii
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from wasmctl import files, processes
from wasmctl.errors import EnvironmentMissingError, FilesError, RegistryError
from wasmctl.oci.reference import DOCKER_HUB, DOCKER_HUB_NAMES

DOCKER_HUB_KEY = "https://index.docker.io/v1/"
_TOKEN_USER = "<token>"  # noqa: S105 - a helper's way to say that the secret is a token
_NOT_FOUND = "credentials not found"


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """What proves who we are; secrets never show in a representation.

    Attributes:
        identity_token: exchanged for tokens at the token server.
        registry_token: sent to the registry as it is.
        source: where it comes from, for people.

    """

    username: str = ""
    password: str = field(default="", repr=False)
    identity_token: str = field(default="", repr=False)
    registry_token: str = field(default="", repr=False)
    source: str = ""

    def __str__(self) -> str:
        who = f"user {self.username!r}" if self.username else "the token"
        return f"{who} (from {self.source})"

    @property
    def basic(self) -> str:
        """The value of an Authorization header."""
        return "Basic " + base64.b64encode(f"{self.username}:{self.password}".encode()).decode()


def find(registry: str, repository: str) -> Credentials | None:
    """Return the credentials for a registry, the most specific first; None where there are none.

    Raises FilesError where a file cannot be read or is damaged, EnvironmentMissingError where
    its helper is not there, RegistryError where the helper fails.
    """
    found = (_in_file(path, registry, repository) for path in _files())
    return next((credentials for credentials in found if credentials), None)


def docker_file() -> Path:
    """Return the file that the docker command uses."""
    folder = os.environ.get("DOCKER_CONFIG")
    return (Path(folder) if folder else Path.home() / ".docker") / "config.json"


def own_file() -> Path:
    """Return the file that a login is written to."""
    named = os.environ.get("REGISTRY_AUTH_FILE")
    return Path(named) if named else docker_file()


def _files() -> Iterator[Path]:
    if os.environ.get("REGISTRY_AUTH_FILE"):
        yield own_file()
        return
    yield docker_file()
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime:
        yield Path(runtime) / "containers" / "auth.json"
    configs = os.environ.get("XDG_CONFIG_HOME")
    yield (Path(configs) if configs else Path.home() / ".config") / "containers" / "auth.json"


def read(path: Path) -> dict[str, object]:
    """Return what a file of credentials says: nothing where there is no file.

    Raises FilesError where it cannot be read or is damaged.
    """
    if not path.exists():
        return {}
    try:
        document = json.loads(files.read(path))
    except ValueError as error:
        raise _damaged(path, "it is not JSON") from error
    if not isinstance(document, dict):
        raise _damaged(path, "it is not a JSON object")
    return document


def table(document: Mapping[str, object], name: str) -> dict[str, object]:
    """Return a table of the file, empty where it has none."""
    found = document.get(name)
    return found if isinstance(found, dict) else {}


def keys(registry: str, repository: str = "") -> list[str]:
    """Return the names under which a registry's credentials are kept, the most specific first."""
    hosts = sorted(DOCKER_HUB_NAMES) if registry == DOCKER_HUB else [registry]
    parts = repository.split("/") if repository else []
    paths = ["/".join(parts[:count]) for count in range(len(parts), 0, -1)]
    return [f"{host}/{path}" for path in paths for host in hosts] + hosts


def helper_for(document: Mapping[str, object], registry: str) -> str | None:
    """Return the name of the helper that keeps a registry's credentials, or None."""
    helpers = table(document, "credHelpers")
    named = [helpers[key] for key in (*keys(registry), server(registry)) if key in helpers]
    found = named[0] if named else document.get("credsStore")
    return found if isinstance(found, str) and found else None


def server(registry: str) -> str:
    """Return what helpers and Docker's file call a registry."""
    return DOCKER_HUB_KEY if registry == DOCKER_HUB else registry


def _in_file(path: Path, registry: str, repository: str) -> Credentials | None:
    document = read(path)
    entry = _entry(table(document, "auths"), registry, repository)
    found = _from_entry(entry, path) if entry else None
    if found:
        return found
    helper = helper_for(document, registry)
    return _ask(helper, server(registry), path) if helper else None


def _entry(auths: Mapping[str, object], registry: str, repository: str) -> dict[str, object] | None:
    named = {plain(key): entry for key, entry in auths.items()}
    for key in keys(registry, repository):
        entry = named.get(key)
        if isinstance(entry, dict) and entry:
            return entry
    return None


def plain(key: str) -> str:
    """Return a key of ``auths`` as a host with a path: older files have URLs."""
    key = re.sub(r"^https?://", "", key).rstrip("/")
    return re.sub(r"/v[12]$", "", key)


def _from_entry(entry: Mapping[str, object], path: Path) -> Credentials | None:
    text = {key: value for key, value in entry.items() if isinstance(value, str)}
    username, password = _decoded(text.get("auth", ""), path)
    found = Credentials(
        username=text.get("username") or username,
        password=text.get("password") or password,
        identity_token=text.get("identitytoken", ""),
        registry_token=text.get("registrytoken", ""),
        source=str(path),
    )
    is_empty = not (found.username or found.identity_token or found.registry_token)
    return None if is_empty else found


def _decoded(auth: str, path: Path) -> tuple[str, str]:
    try:
        username, _, password = base64.b64decode(auth, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise _damaged(path, "an entry's `auth` is not base64") from error
    return username, password.rstrip("\0")


def _damaged(path: Path, why: str) -> FilesError:
    return FilesError(
        f"{path} is no file of credentials: {why}",
        hint="correct it, or move it away and log in again with `wasmctl login`",
    )


def _ask(helper: str, registry: str, path: Path) -> Credentials | None:
    output = call_helper(helper, "get", registry, path)
    if output is None:
        return None
    try:
        answer = json.loads(output)
        username, secret = str(answer["Username"]), str(answer["Secret"])
    except (ValueError, LookupError, TypeError):
        raise RegistryError(
            f"docker-credential-{helper}, which {path} names, gave an answer that is none",
            hint="log in again with `wasmctl login`, or correct that file",
        ) from None  # the answer may hold a secret
    source = f"docker-credential-{helper}"
    if username == _TOKEN_USER:
        return Credentials(identity_token=secret, source=source)
    return Credentials(username=username, password=secret, source=source)


def call_helper(helper: str, verb: str, question: str, path: Path) -> str | None:
    """Have a credential helper do something; None where it knows no such registry.

    Raises EnvironmentMissingError where it is not there, RegistryError where it fails.
    """
    program = f"docker-credential-{helper}"
    if not re.fullmatch(r"[\w.-]+", helper) or not processes.find(program):
        raise EnvironmentMissingError(
            f"{program}, which {path} names as its credential helper, is not on PATH",
            hint="install it, or remove it from that file and log in with `wasmctl login`",
        )
    finished = processes.answer([program, verb], question)
    output = "\n".join(finished.output)
    if finished.exit_code == 0:
        return output
    if _NOT_FOUND in output:
        return None
    raise RegistryError(
        f"{program} {verb} failed: {output.strip()[:200] or finished.exit_code}",
        hint=f"try it by hand: echo REGISTRY | {program} {verb}",
    )
