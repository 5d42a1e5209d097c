"""A server of modules, from which Envoy fetches them as it does from a control plane's."""

import contextlib
import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

from wasmctl.envoy.engines.base import TcpAddress


class _Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[TcpAddress]:
    """Serve the files of a folder on a free port of 127.0.0.1 while the block runs."""
    handler = functools.partial(_Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield TcpAddress(port=server.server_address[1])
        finally:
            server.shutdown()
            thread.join()
