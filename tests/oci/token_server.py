"""A token server, as Docker's "Token Authentication Specification" wants it.

It knows the user alice with the password secret, and the identity token ``alices-identity``; others
get tokens to pull only.
"""

import base64
import contextlib
import json
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from tests.oci import certificates, http_server

IDENTITY = "alices-identity"
_ALICE = "Basic " + base64.b64encode(b"alice:secret").decode()


class TokenServer:
    """Where it listens, what vouches for its tokens, and what it was asked for."""

    service = "test-registry"
    issuer = "test-issuer"

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self._folder = folder
        self._certificate = certificates.authority(folder, "issuer")
        self.certificate = self._certificate.file
        self.scopes: list[str] = []
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.realm = f"http://127.0.0.1:{self._http.server_port}/token"

    @contextlib.contextmanager
    def serving(self) -> Iterator["TokenServer"]:
        """Answer requests while the block runs."""
        with http_server.answering(self._http):
            yield self

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(http_server.QuietHandler):
            def do_GET(self) -> None:  # noqa: N802 - http.server's name
                said = self.headers.get("Authorization")
                if said not in {None, _ALICE}:
                    self._send(401, {"details": "incorrect username or password"})
                    return
                self._grant(parse_qsl(urlsplit(self.path).query), is_known=said == _ALICE)

            def do_POST(self) -> None:  # noqa: N802 - http.server's name
                length = int(self.headers["Content-Length"])
                form = parse_qsl(self.rfile.read(length).decode())
                is_known = ("refresh_token", IDENTITY) in form
                if ("grant_type", "refresh_token") not in form or not is_known:
                    self._send(401, {"error": "invalid_grant"})
                    return
                self._grant(form, is_known=True)

            def _grant(self, form: list[tuple[str, str]], *, is_known: bool) -> None:
                scopes = [word for key, text in form if key == "scope" for word in text.split()]
                server.scopes += [" ".join(scopes)]
                self._send(200, {"access_token": server.token(scopes, is_known=is_known)})

            def _send(self, status: int, document: object) -> None:
                body = json.dumps(document).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        return Handler

    def token(self, scopes: list[str], *, is_known: bool) -> str:
        """Return a token for what was asked for, as far as it is allowed."""
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": self.service,
            "sub": "alice" if is_known else "",
            "iat": now,
            "nbf": now - 10,
            "exp": now + 300,
            "jti": str(time.time_ns()),
            "access": [_access(scope, is_known=is_known) for scope in scopes],
        }
        lines = self.certificate.read_text().splitlines()
        header = {"typ": "JWT", "alg": "RS256", "x5c": ["".join(lines[1:-1])]}
        message = f"{_packed(_json(header))}.{_packed(_json(claims))}"
        signature = certificates.signed(message.encode(), self._certificate.key, self._folder)
        return f"{message}.{_packed(signature)}"


def _access(scope: str, *, is_known: bool) -> dict[str, object]:
    kind, name, actions = scope.split(":")
    wanted = actions.split(",")
    allowed = wanted if is_known else [action for action in wanted if action == "pull"]
    return {"type": kind, "name": name, "actions": allowed}


def _json(document: object) -> bytes:
    return json.dumps(document).encode()


def _packed(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
