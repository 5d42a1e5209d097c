"""Push and pull of 1 and 50 MB modules, beside oras-py and skopeo on the same registry.

wasmctl and oras-py are called as libraries, timed without the start of their interpreter; oras-py
makes the same layer (tar, gzip level 9), pushes it with ``Registry.push`` and pulls it with
``Registry.pull``, which check no digest and read nothing back. skopeo, timed as a program, copies
the finished image between a folder and the registry, which compresses nothing and, where the
registry has a blob under another name, sends nothing. The module is random bytes, which no
compression shrinks.
"""

import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.demo import WASMCTL, module
from bench.figures import Figure, seconds

ROUNDS = 3
SIZES = {"1 MB": 1_000_000, "50 MB": 50_000_000}
MODULE = Path("dist") / "bench.wasm"
LIMIT = 1.5  # modules' worth of memory that a push or pull of 50 MB may take

PUSH = """
import sys, time
from pathlib import Path
from wasmctl import oci, project
from wasmctl.oci.access import Access
from wasmctl.oci.reference import parse
begun = time.perf_counter()
image = oci.make(project.load(Path(sys.argv[2])))
oci.push(image, parse(sys.argv[1]), access=Access(plain_http=True))
print(time.perf_counter() - begun)
"""
PULL = """
import sys, time
from pathlib import Path
from wasmctl import files, oci
from wasmctl.oci.access import Access
from wasmctl.oci.reference import parse
begun = time.perf_counter()
content = oci.pull(parse(sys.argv[1]), access=Access(plain_http=True)).content
files.write(Path(sys.argv[2]), content)
print(time.perf_counter() - begun)
"""
PUSH_WITH_ORAS = """
import contextlib, gzip, os, sys, tarfile, time
import oras.provider
os.chdir(sys.argv[2])
begun = time.perf_counter()
with open("plugin.tar.gz", "wb") as file, gzip.GzipFile("", "wb", 9, file, 0) as stream:
    with tarfile.open(fileobj=stream, mode="w") as archive:
        archive.add(sys.argv[3], "plugin.wasm")
layer = "plugin.tar.gz:application/vnd.oci.image.layer.v1.tar+gzip"
with contextlib.redirect_stdout(sys.stderr):
    oras.provider.Registry(insecure=True).push(target=sys.argv[1], files=[layer])
print(time.perf_counter() - begun)
"""
PULL_WITH_ORAS = """
import contextlib, sys, time
import oras.provider
begun = time.perf_counter()
with contextlib.redirect_stdout(sys.stderr):
    oras.provider.Registry(insecure=True).pull(target=sys.argv[1], outdir=sys.argv[2])
print(time.perf_counter() - begun)
"""
MEASURE = """
import os, sys
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=[
    (os.POSIX_SPAWN_OPEN, number, "/dev/null", os.O_WRONLY, 0) for number in (1, 2)])
_, status, usage = os.wait4(child, 0)
print(usage.ru_maxrss * 1024 / 1e6)
sys.exit(os.waitstatus_to_exitcode(status))
"""
CONFIG = """
version: 0.1
log: {{accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {folder}/store}}}}
http: {{addr: "127.0.0.1:0"}}
"""
PROJECT = """
schema = 1
[project]
name = "bench"
language = "assemblyscript"
"""


def measure() -> Iterator[Figure]:
    missing = [name for name in ("docker-registry", "skopeo") if not shutil.which(name)]
    if missing:
        print(f"images: skipped, {' and '.join(missing)} not installed", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory() as name, _registry(Path(name)) as host:
        for size, count in SIZES.items():
            project = _project(Path(name) / size.replace(" ", ""), count)
            yield from _times(host, size, project)
        yield from _memory(host, Path(name))


@contextlib.contextmanager
def _registry(folder: Path) -> Iterator[str]:
    config, log = folder / "registry.yml", folder / "registry.log"
    config.write_text(CONFIG.format(folder=folder))
    command = ["docker-registry", "serve", str(config)]
    with (
        log.open("w") as output,
        subprocess.Popen(command, stdout=output, stderr=output) as process,
    ):
        try:
            while "listening on" not in log.read_text():
                time.sleep(0.05)
            yield log.read_text().split("listening on ")[1].split('"')[0].split()[0]
        finally:
            process.terminate()


def _project(folder: Path, padding: int) -> Path:
    """Make a project whose module is a real plugin with a section of random bytes behind."""
    (folder / "dist").mkdir(parents=True)
    (folder / "wasmctl.toml").write_text(PROJECT)
    body = b"\x04junk" + os.urandom(padding)
    content = module().read_bytes() + b"\0" + _unsigned(len(body)) + body
    (folder / MODULE).write_bytes(content)
    return folder


def _unsigned(number: int) -> bytes:
    low, rest = number & 0x7F, number >> 7
    return bytes([low | 0x80]) + _unsigned(rest) if rest else bytes([low])


def _times(host: str, size: str, project: Path) -> Iterator[Figure]:
    times: dict[str, list[float]] = {}
    for number in range(ROUNDS):
        name = f"{project.name.lower()}-{number}"
        for what, taken in _round(host, project, name):
            times.setdefault(what, []).append(taken)
    found = {what: statistics.median(taken) for what, taken in times.items()}
    for step in ("first push", "repeated push", "pull"):
        for other in ("oras-py", "skopeo"):
            yield Figure(
                what=f"{step} of {size}",
                value=found[f"wasmctl {step}"],
                unit="s",
                beside=f"{other}'s {step if other == 'oras-py' else 'copy'}",
                other=found[f"{other} {step}"],
            )


def _round(host: str, project: Path, name: str) -> Iterator[tuple[str, float]]:
    """Take all steps once, in turn; a new repository makes a push the first."""
    work = project / name
    work.mkdir()
    ours, oras, skopeo = (f"{host}/{by}/{name}:1" for by in ("wasmctl", "oras", "skopeo"))
    layout = f"oci:{work}/theirs:1"
    _printed(PUSH, f"oci-layout:{work}/theirs:1", project)
    for step in ("first push", "repeated push"):
        yield f"wasmctl {step}", _printed(PUSH, ours, project)
        yield f"oras-py {step}", _printed(PUSH_WITH_ORAS, oras, work, project / MODULE)
        yield f"skopeo {step}", _copied("--dest-tls-verify=false", layout, f"docker://{skopeo}")
    yield "wasmctl pull", _printed(PULL, ours, work / "out.wasm")
    yield "oras-py pull", _printed(PULL_WITH_ORAS, oras, work / "out")
    back = f"oci:{work}/back:1"
    yield "skopeo pull", _copied("--src-tls-verify=false", f"docker://{skopeo}", back)


def _copied(*words: str) -> float:
    return seconds(["skopeo", "--insecure-policy", "copy", "--quiet", *words])


def _printed(script: str, *words: str | Path) -> float:
    """Return the number that a script prints; a small process, so that its memory is its own."""
    command: list[str | Path] = [sys.executable, "-c", script, *words]
    finished = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(finished.stdout)


def _memory(host: str, folder: Path) -> Iterator[Figure]:
    projects = {"large": folder / "50MB", "small": _project(folder / "small", 0)}
    for step in ("push", "pull"):
        used = {}
        for name, project in projects.items():
            place = ("-C", project) if step == "push" else ("-o", project / "out.wasm")
            reference = f"{host}/memory:{name}"
            used[name] = _printed(MEASURE, WASMCTL, step, reference, "--plain-http", *place)
        yield Figure(
            what=f"memory of a {step}: 50 MB above a small one",
            value=used["large"] - used["small"],
            unit="MB",
            beside=f"{LIMIT} modules",
            other=LIMIT * SIZES["50 MB"] / 1e6,
        )
