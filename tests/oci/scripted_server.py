"""An HTTP server that gives prepared answers in order, and remembers what it was asked."""

import contextlib
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.oci import http_server


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer; ``missing`` bytes of the announced body are never sent.

    Status 0 is no answer at all: the connection is closed, once ``takes`` bytes of what was sent
    are read.
    """

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    missing: int = 0
    takes: int = sys.maxsize


class ScriptedServer:
    """Where it listens, and what it was asked: method with path, and headers."""

    def __init__(self, answers: list[Answer]) -> None:
        self.requests: list[str] = []
        self.headers: list[Mapping[str, str]] = []
        self._answers = iter(answers)
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.host = f"127.0.0.1:{self._http.server_port}"

    @contextlib.contextmanager
    def serving(self) -> Iterator["ScriptedServer"]:
        """Answer requests while the block runs."""
        with http_server.answering(self._http):
            yield self

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server, answers = self, self._answers

        class Handler(http_server.QuietHandler):
            def _answer(self) -> None:
                server.requests.append(f"{self.command} {self.path}")
                server.headers.append(dict(self.headers))
                answer = next(answers)
                self.rfile.read(min(int(self.headers.get("Content-Length", 0)), answer.takes))
                if answer.status:
                    _send(self, answer)
                else:
                    self.close_connection = True

            do_GET = do_HEAD = do_POST = do_PUT = _answer  # noqa: N815 - http.server's names

        return Handler


def _send(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    handler.send_response(answer.status)
    for name, value in answer.headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(answer.body) + answer.missing))
    handler.end_headers()
    handler.wfile.write(answer.body)


@contextlib.contextmanager
def serving(*answers: Answer) -> Iterator[ScriptedServer]:
    """Serve these answers, one a request."""
    with ScriptedServer(list(answers)).serving() as server:
        yield server
