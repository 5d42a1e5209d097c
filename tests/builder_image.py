"""A compiler that does what a project's own script says, in an image; and projects for it."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from wasmtime import wat2wasm

from tests.command import run
from tests.docker_engine import DockerEngine
from tests.projects import write

# It is called ``go``, since Go's builds are one command: what it does is in the project's build.sh.
GO = """#!/bin/sh
case "$1" in
  version) echo go version go1.99.0 linux/amd64 ;;
  mod) if [ -f fetch.sh ]; then . ./fetch.sh; fi ;;
  list) . ./fetch.sh ;;
  build) . ./build.sh ;;
esac
"""
# The label keeps the containers of one worker's image from counting as another's.
_DOCKERFILE = """FROM debian:13-slim
COPY go /usr/local/bin/go
LABEL wasmctl-test={name}
"""

_PROJECT = """
schema = 1
[project]
name = "scripted"
language = "go"
[build]
engine = "{engine}"
inputs = ["**"]
[build.container]
image = "{image}"
"""

_MODULE = """
(module
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 0)))
"""

# Leaves the module where the compiler is told to.
DONE = 'while [ "$1" != -o ]; do shift; done; cp module.wasm "$2"'


@pytest.fixture(scope="session")
def scripted_image(
    docker_engine: DockerEngine, debian_image: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The name of an image whose compiler is the project's own script."""
    assert debian_image
    folder, name = tmp_path_factory.mktemp("scripted"), f"wasmctl-test/scripted:{os.getpid()}"
    write(folder / "go", GO)
    (folder / "go").chmod(0o755)
    write(folder / "Dockerfile", _DOCKERFILE.format(name=name))
    built = run(["docker", "build", "-t", name, folder], environment=docker_engine.environment)
    assert built.returncode == 0, built.stderr
    yield name
    forget(docker_engine, name)


def forget(engine: DockerEngine, image: str) -> None:
    """Remove an image's name, and the caches of builds with it."""
    run(["docker", "rmi", "--force", image], environment=engine.environment)
    label = f"label=wasmctl.image={image}"
    listed = ["docker", "volume", "ls", "--quiet", "--filter", label]
    for volume in run(listed, environment=engine.environment).stdout.split():
        run(["docker", "volume", "rm", volume], environment=engine.environment)


def scripted(folder: Path, image: str, script: str, *, engine: str = "container") -> Path:
    """Make a project whose build, in a container of that image, is a script."""
    write(folder / "wasmctl.toml", _PROJECT.format(image=image, engine=engine))
    write(folder / "go.mod", "module example.com/scripted\n\ngo 1.24\n")
    write(folder / "build.sh", script + "\n")
    (folder / "module.wasm").write_bytes(wat2wasm(_MODULE))
    return folder


# What the commands of builds say to their tools.
_VARIABLES = (
    *("CARGO_HOME", "GOARCH", "GOCACHE", "GOFLAGS", "GOMODCACHE", "GOOS", "GOPROXY", "GOTOOLCHAIN"),
    *("GOWORK", "HOME"),
)


def tools_of(folder: Path, image: str, shared: Path, *tools: str) -> None:
    """Make programs in ``folder`` that are an image's tools, and see a folder of this machine."""
    seen = f'--volume "{shared}:{shared}" --workdir "$PWD"'
    said = " ".join(f"--env {name}" for name in _VARIABLES)
    start = f"{shutil.which('docker')} run --rm --network none {seen} {said} {image}"
    for tool in tools:
        # The folder of Rust's target is in the image, and not here.
        asked = f'[ "$1" = --print ] && {{ echo {shared}; exit; }}'
        write(folder / tool, f'#!/bin/sh\n{asked}\nexec {start} {tool} "$@"\n')
        (folder / tool).chmod(0o755)


def left_in(engine: DockerEngine, image: str) -> list[str]:
    """Return the containers of an image, whatever their state."""
    command = ["docker", "ps", "--all", "--quiet", "--filter", f"ancestor={image}"]
    return run(command, environment=engine.environment).stdout.split()


def as_user(uid: int, command: list[object]) -> list[object]:
    """Have a command run by a user who may read everything, as the interpreter may be root's."""
    right = ("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search")
    user = (f"--reuid={uid}", f"--regid={uid}", "--clear-groups")
    return ["setpriv", *user, *right, "--", *command]
