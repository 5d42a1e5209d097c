"""Git repositories, and a server for them on loopback: Git's own program behind HTTP."""

import contextlib
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests import components

_GIT = shutil.which("git") or "git"

# Whoever runs the tests may have settings of their own.
_HERMETIC = {
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_SYSTEM": "/dev/null",
    **{f"GIT_{role}_NAME": "Test" for role in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{role}_EMAIL": "test@example.com" for role in ("AUTHOR", "COMMITTER")},
}


def git(folder: Path, *words: str) -> str:
    """Run Git in a folder; return what it prints."""
    components.need("git")
    environment = {**os.environ, **_HERMETIC}
    finished = subprocess.run(
        [_GIT, *words], cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    return finished.stdout.strip()


def commit(folder: Path, message: str) -> str:
    """Commit all that is in a folder, which becomes a repository; return the commit's hash."""
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", message)
    return git(folder, "rev-parse", "HEAD")


class _Handler(BaseHTTPRequestHandler):
    root: Path
    is_private: bool

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers["Content-Length"])))

    def _answer(self, body: bytes) -> None:
        if self.is_private:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="templates"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        head, _, content = self._backend(body).partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().splitlines())
        self.send_response(int(fields.pop("Status", "200").split()[0]))
        for name, value in (fields | {"Content-Length": str(len(content))}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def _backend(self, body: bytes) -> bytes:
        path, _, query = self.path.partition("?")
        environment = {
            **os.environ,
            **_HERMETIC,
            "GIT_PROJECT_ROOT": str(self.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
        }
        command = [_GIT, "http-backend"]
        return subprocess.run(
            command, env=environment, input=body, capture_output=True, check=True
        ).stdout

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def served(root: Path, *, is_private: bool = False) -> Iterator[str]:
    """Serve the repositories below a folder; gives the address. A private one wants a password."""
    components.need("git")
    handler = type("Handler", (_Handler,), {"root": root, "is_private": is_private})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
