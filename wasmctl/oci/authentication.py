"""Saying who we are to one registry, and to nobody else.

Source: Docker, "Token Authentication Specification" and "Oauth2 Authentication"; OCI distribution
specification. Credentials go to the registry itself (Basic) or to the token server that it names
(Bearer), over TLS wherever the registry has it, and never along a redirection.
"""

import contextlib
import json
from collections.abc import Callable, Mapping
from urllib.parse import urlencode, urlsplit

from wasmctl.errors import RegistryError
from wasmctl.oci import challenges
from wasmctl.oci.challenges import Challenge
from wasmctl.oci.credentials import Credentials
from wasmctl.oci.patience import TransientError

_CLIENT = "wasmctl"
_SERVER_ERROR, _TOO_MANY = 500, 429
_OK = 200
_PORTS = {"http": 80, "https": 443}


# Makes a request (method, URL, headers, body) without following a redirection; returns the status
# and the body.
Fetch = Callable[[str, str, Mapping[str, str], bytes | None], tuple[int, bytes]]


class Authenticator:
    """What one client knows of how its registry wants to be spoken to."""

    def __init__(
        self, registry: str, base: str, look_up: Callable[[], Credentials | None], fetch: Fetch
    ) -> None:
        self._registry = registry
        self._origin = _origin(base)
        self._look_up = look_up
        self._fetch = fetch
        self._credentials: Credentials | None = None
        self._has_looked = False
        self._actions: dict[str, set[str]] = {}
        self._header: str | None = None

    @property
    def identity(self) -> str:
        """Who we said we are, for people."""
        return f"as {self._credentials}" if self._credentials else "without credentials"

    def headers(self, url: str) -> dict[str, str]:
        """Return what to add to a request: nothing for any other place than the registry."""
        if self._header and _origin(url) == self._origin:
            return {"Authorization": self._header}
        return {}

    def answers(self, url: str, challenge: str) -> bool:
        """Make ready for a registry that answered 401 with this challenge; whether to ask again.

        Raises RegistryError where it, or its token server, cannot be satisfied.
        """
        if _origin(url) != self._origin:
            return False
        before, found = self._header, challenges.parse(challenge)
        schemes = {each.scheme: each for each in reversed(found)}
        if "bearer" in schemes:
            self._header = self._bearer(schemes["bearer"])
        elif "basic" in schemes and self._known():
            self._header = self._known_basic()
        return self._header is not None and self._header != before

    def _known(self) -> Credentials | None:
        if not self._has_looked:
            self._credentials, self._has_looked = self._look_up(), True
        return self._credentials

    def _known_basic(self) -> str | None:
        known = self._known()
        return known.basic if known and known.password else None

    def _bearer(self, challenge: Challenge) -> str:
        known = self._known()
        if known and known.registry_token:
            return f"Bearer {known.registry_token}"
        # A client needs one token for all it does: a new scope comes on top of those before.
        for scope in challenge.parameters.get("scope", "").split():
            resource, _, actions = scope.rpartition(":")
            self._actions.setdefault(resource, set()).update(actions.split(","))
        return f"Bearer {self._token(challenge, known)}"

    def _token(self, challenge: Challenge, known: Credentials | None) -> str:
        realm, asked = self._checked_realm(challenge), self._asked(challenge)
        if known and known.identity_token:
            form = [
                ("grant_type", "refresh_token"),
                ("refresh_token", known.identity_token),
                ("client_id", _CLIENT),
                *asked,
            ]
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            status, body = self._fetch("POST", realm, headers, urlencode(form).encode())
        else:
            headers = {"Authorization": known.basic} if known else {}
            joint = "&" if urlsplit(realm).query else "?"
            url = f"{realm}{joint}{urlencode(asked)}" if asked else realm
            status, body = self._fetch("GET", url, headers, None)
        return self._read_token(status, body, realm)

    def _asked(self, challenge: Challenge) -> list[tuple[str, str]]:
        service = challenge.parameters.get("service", "")
        scopes = [f"{name}:{','.join(sorted(each))}" for name, each in self._actions.items()]
        asked = {"service": service, "scope": " ".join(scopes)}
        return [(name, text) for name, text in asked.items() if text]

    def _checked_realm(self, challenge: Challenge) -> str:
        realm = challenge.parameters.get("realm", "")
        scheme, host, _ = _origin(realm)
        if not host or scheme not in _PORTS:
            raise RegistryError(
                f"{self._registry} names a token server that is no URL",
                hint="this is no working OCI registry: look at its own configuration",
            )
        if self._origin[0] == "https" and scheme != "https":
            raise RegistryError(
                f"{self._registry} names the token server {host}, which speaks plain HTTP",
                hint="no password is sent in the clear: the registry's operator must correct it",
            )
        return realm

    def _read_token(self, status: int, body: bytes, realm: str) -> str:
        host = _origin(realm)[1]
        if status == _TOO_MANY or status >= _SERVER_ERROR:
            raise TransientError(
                RegistryError(
                    f"the token server {host} has trouble ({status})",
                    hint="run the command again later",
                )
            )
        if status != _OK:
            raise RegistryError(
                f"{self._registry}'s token server {host} refused us {self.identity} ({status})",
                hint=login_hint(self._registry),
            )
        try:
            answer = json.loads(body)
            token = answer.get("token") or answer.get("access_token")
        except (ValueError, AttributeError, RecursionError):
            token = None
        if isinstance(token, str) and token.isascii() and token.isprintable():
            return token
        raise RegistryError(
            f"the token server {host} of {self._registry} gave no token",
            hint="this is no working token server: look at the registry's own configuration",
        )


def login_hint(registry: str) -> str:
    """Return the remedy for a registry that does not know us."""
    return f"log in with an account that may do this: wasmctl login {registry}"


def _origin(url: str) -> tuple[str, str, int | None]:
    """Return scheme, host and port of a URL, all empty for what is none."""
    with contextlib.suppress(ValueError):
        parts = urlsplit(url)
        return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme)
    return "", "", None
