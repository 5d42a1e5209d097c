"""The tools of each language that a new project's own commands want, found on PATH.

Rust's are Debian's, in a container that sees this machine: the builder image has the compiler and
its target, formatter and linter are added to it.
"""

import json
import os
import ssl
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.built import Built
from tests.command import run
from tests.docker_engine import DockerEngine, common
from tests.projects import write
from wasmctl import scaffold
from wasmctl.build import tools
from wasmctl.languages import LANGUAGES

Tools = Callable[[str], dict[str, str]]

_DOCKERFILE = """\
FROM {image}
RUN apt-get update \\
 && apt-get install --yes --no-install-recommends rust-clippy rustfmt \\
 && rm -rf /var/lib/apt/lists/*
"""

_TOOLS = ("cargo", "rustc")
_NAMED = ("CARGO_HOME", "CARGO_TARGET_DIR")

# What rustup installs is there: it has only to say so.
_RUSTUP = """#!/bin/sh
[ "$1 $2" = "toolchain install" ] || [ "$1" = default ]
"""


@pytest.fixture(scope="session")
def tools_of(request: pytest.FixtureRequest) -> Tools:
    """What gives the environment in which a language's tools are on PATH, and a Python's."""

    def found(language: str) -> dict[str, str]:
        if language == "rust":
            rust: dict[str, str] = request.getfixturevalue("rust_tools")
            return {**rust, "PATH": f"{_here()}{os.pathsep}{rust['PATH']}"}
        return {"PATH": f"{_here()}{os.pathsep}{os.environ['PATH']}", "GOTOOLCHAIN": "local"}

    return found


def _here() -> str:
    """Return the folders of what ``wasmctl[all]`` brings: Python, npm, and go."""
    go = Path(tools.locate(LANGUAGES["go"].tool("go")).command[0]).resolve().parent
    return f"{Path(sys.executable).parent}{os.pathsep}{go}"


@pytest.fixture(scope="session")
def rust_tools(
    docker_engine: DockerEngine,
    built_in_container: Built,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[str, str]]:
    """The environment in which cargo, rustc and a rustup are found on PATH."""
    folder = common(tmp_path_factory)
    name = f"wasmctl-test/rust:{os.getpid()}"
    project = built_in_container(scaffold.find("rust", "minimal"))
    image = json.loads((project / "dist/build.json").read_text())["image"]["digest"]
    programs = tmp_path_factory.mktemp("rust-tools")
    write(programs / "Dockerfile", _DOCKERFILE.format(image=image))
    command = ["docker", "build", "--network", "host", "--tag", name, programs]
    built = run(command, environment=docker_engine.environment)
    assert built.returncode == 0, built.stdout + built.stderr
    _write_programs(programs, name, folder)
    yield {
        **docker_engine.environment,
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "CARGO_HOME": f"{folder}/cargo-home",
        "CARGO_TARGET_DIR": f"{folder}/cargo-target",
    }
    run(["docker", "rmi", "--force", name], environment=docker_engine.environment)


def _write_programs(programs: Path, image: str, folder: Path) -> None:
    certificates = ssl.get_default_verify_paths().cafile
    trusted = f"--volume {certificates}:/ca.pem:ro --env CARGO_HTTP_CAINFO=/ca.pem"
    seen = f'--volume "{folder}:{folder}" --workdir "$PWD" --user {os.geteuid()}:{os.getegid()}'
    said = " ".join(f"--env {name}" for name in _NAMED)
    start = f"docker run --rm --init --network host {trusted} {seen} {said} {image}"
    for tool in _TOOLS:
        # The folder of the target is in the image, and not here.
        asked = f'[ "$1" = --print ] && {{ echo {folder}; exit; }}'
        write(programs / tool, f'#!/bin/sh\n{asked}\nexec {start} {tool} "$@"\n')
    write(programs / "rustup", _RUSTUP)
    for tool in (*_TOOLS, "rustup"):
        (programs / tool).chmod(0o755)
