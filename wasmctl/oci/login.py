"""Logging in and out: credentials tried, kept and forgotten, where docker keeps them too."""

import base64
import contextlib
import json
from pathlib import Path

from wasmctl import files
from wasmctl.errors import UsageError
from wasmctl.oci import credentials
from wasmctl.oci.access import Access
from wasmctl.oci.credentials import Credentials
from wasmctl.oci.reference import ImageRef
from wasmctl.oci.registry import Registry
from wasmctl.oci.store import silent


def log_in(registry: str, username: str, password: str, access: Access) -> str:
    """Try credentials and keep them; return where, for people.

    Raises UsageError where they cannot be written down, RegistryError where the registry refuses
    them, what a store raises where it cannot be asked, FilesError.
    """
    if not password or not username or ":" in username:
        raise UsageError(
            "a user without colons and a password are needed",
            hint="give -u USER --password-stdin, and the password on standard input",
        )
    tried = Credentials(username=username, password=password, source="this login")
    _try(registry, tried, access)
    path = credentials.own_file()
    document = credentials.read(path)
    helper = credentials.helper_for(document, registry)
    if helper:
        server = credentials.server(registry)
        entry = {"ServerURL": server, "Username": username, "Secret": password}
        credentials.call_helper(helper, "store", json.dumps(entry), path)
        return f"docker-credential-{helper}"
    auths = _without(document, registry)
    auths[credentials.server(registry)] = {
        "auth": base64.b64encode(f"{username}:{password}".encode()).decode()
    }
    _write(path, {**document, "auths": auths})
    return str(path)


def _try(registry: str, tried: Credentials, access: Access) -> None:
    image = ImageRef(registry=registry, repository="login")
    client = Registry(image, silent, access=access, look_up=lambda _registry, _repository: tried)
    with contextlib.closing(client):
        client.check_login()


def log_out(registry: str) -> str | None:
    """Forget the credentials for a registry; return where they were, or None.

    Raises FilesError, and what a helper's failure raises.
    """
    path = credentials.own_file()
    document = credentials.read(path)
    helper = credentials.helper_for(document, registry)
    server = credentials.server(registry)
    if helper and credentials.call_helper(helper, "get", server, path) is not None:
        credentials.call_helper(helper, "erase", server, path)
        return f"docker-credential-{helper}"
    auths = _without(document, registry)
    if auths == credentials.table(document, "auths"):
        return None
    _write(path, {**document, "auths": auths})
    return str(path)


def _without(document: dict[str, object], registry: str) -> dict[str, object]:
    """Return the entries of a file but for a registry's, under whatever names."""
    names = credentials.keys(registry)
    auths = credentials.table(document, "auths")
    return {key: entry for key, entry in auths.items() if credentials.plain(key) not in names}


def _write(path: Path, document: dict[str, object]) -> None:
    # A link, as those who keep their settings elsewhere have, stays one.
    content = json.dumps(document, indent="\t").encode() + b"\n"
    files.write(path.resolve(), content, mode=0o600)
