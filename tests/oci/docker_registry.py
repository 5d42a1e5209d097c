"""Debian's docker-registry on a loopback port of the system's choice."""

import contextlib
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_CONFIG = """
version: 0.1
log: {{accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {folder}/store}}}}
http: {{addr: "127.0.0.1:0"}}
"""
_LISTENING = re.compile(r"listening on (127\.0\.0\.1:\d+)")


@dataclass(frozen=True, kw_only=True)
class DockerRegistry:
    """A running registry: ``host`` is where, ``store`` the folder with what it keeps."""

    host: str
    store: Path

    def blob_file(self, digest: str) -> Path:
        """Return the file in which the registry keeps a blob."""
        digits = digest.removeprefix("sha256:")
        blobs = self.store / "docker/registry/v2/blobs/sha256"
        return blobs / digits[:2] / digits / "data"


@contextlib.contextmanager
def running(folder: Path) -> Iterator[DockerRegistry]:
    """Run a registry that keeps its images in ``folder``."""
    binary = shutil.which("docker-registry")
    assert binary, "these tests need docker-registry: apt-get install docker-registry"
    config, log = folder / "config.yml", folder / "registry.log"
    config.write_text(_CONFIG.format(folder=folder))
    with (
        log.open("w") as output,
        subprocess.Popen([binary, "serve", config], stdout=output, stderr=output) as process,
    ):
        try:
            yield DockerRegistry(host=_host(process, log), store=folder / "store")
        finally:
            process.terminate()


def _host(process: "subprocess.Popen[bytes]", log: Path) -> str:
    while process.poll() is None:
        found = _LISTENING.search(log.read_text())
        if found:
            return found[1]
        time.sleep(0.01)
    raise AssertionError(f"docker-registry ended: {log.read_text()}")
