"""A registry of packages that is nothing but files; also a proxy to one, wherever it may be."""

import contextlib
import functools
import ssl
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from tests.oci.certificates import Certificate
from tests.oci.http_server import answering


class _Registry(SimpleHTTPRequestHandler):
    def translate_path(self, path: str) -> str:
        """Answer as a proxy, too, which is asked for whole addresses."""
        return super().translate_path(urlsplit(path).path)

    def log_message(self, *_arguments: object) -> None:
        """Stay quiet."""


@contextlib.contextmanager
def served(folder: Path, certificate: Certificate | None = None) -> Iterator[str]:
    """Give the address at which the files of a folder are served while the block runs."""
    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(_Registry, directory=str(folder))
    )
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.file, certificate.key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    with answering(server):
        yield f"http{'s' if certificate else ''}://127.0.0.1:{server.server_port}"
