"""Debian's docker-registry on a loopback port of the system's choice."""

import contextlib
import re
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests import components
from tests.oci.certificates import Certificate
from tests.oci.token_server import TokenServer

_CONFIG = """
version: 0.1
log: {{accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {folder}/store}}}}
http: {{addr: "127.0.0.1:0", tls: {{{tls}}}}}
{auth}
"""
_HTPASSWD = 'auth: {{htpasswd: {{realm: "Registry Realm", path: "{folder}/htpasswd"}}}}'
_TOKEN = """auth: {{token: {{realm: "{server.realm}", service: "{server.service}",
  issuer: "{server.issuer}", rootcertbundle: "{server.certificate}"}}}}"""
# User alice, password secret, as htpasswd -B writes it.
ALICE = "alice:$2y$05$67scJL5J5wqF0aBBRWpm4Oe08BSwGXOuoKut.AAU3RU9wsPDUSn5a"
_LISTENING = re.compile(r"listening on (127\.0\.0\.1:\d+)")


@dataclass(frozen=True, kw_only=True)
class DockerRegistry:
    """A running registry: ``host`` is where, ``store`` the folder with what it keeps."""

    host: str
    store: Path
    process: "subprocess.Popen[bytes]"

    def kill(self) -> None:
        """End the registry at once, with all its connections."""
        self.process.kill()
        self.process.wait()

    def blob_file(self, digest: str) -> Path:
        """Return the file in which the registry keeps a blob."""
        digits = digest.removeprefix("sha256:")
        blobs = self.store / "docker/registry/v2/blobs/sha256"
        return blobs / digits[:2] / digits / "data"


@contextlib.contextmanager
def running(
    folder: Path, *, auth: str = "", certificate: Certificate | None = None
) -> Iterator[DockerRegistry]:
    """Run a registry that keeps its images in ``folder``."""
    components.need("docker-registry")
    folder.mkdir(exist_ok=True)
    config, log = folder / "config.yml", folder / "registry.log"
    tls = f"certificate: {certificate.file}, key: {certificate.key}" if certificate else ""
    config.write_text(_CONFIG.format(folder=folder, tls=tls, auth=auth))
    command = ["docker-registry", "serve", str(config)]
    with (
        log.open("w") as output,
        subprocess.Popen(command, stdout=output, stderr=output) as process,
    ):
        try:
            host = _host(process, log)
            yield DockerRegistry(host=host, store=folder / "store", process=process)
        finally:
            process.terminate()


def with_password(folder: Path) -> str:
    """Return the configuration that asks for alice's password, which is secret."""
    folder.mkdir(exist_ok=True)
    (folder / "htpasswd").write_text(f"{ALICE}\n")
    return _HTPASSWD.format(folder=folder)


def with_tokens(server: TokenServer) -> str:
    """Return the configuration that asks for a token server's tokens."""
    return _TOKEN.format(server=server)


def _host(process: "subprocess.Popen[bytes]", log: Path) -> str:
    while process.poll() is None:
        found = _LISTENING.search(log.read_text())
        if found:
            return found[1]
        time.sleep(0.01)
    raise AssertionError(f"docker-registry ended: {log.read_text()}")
