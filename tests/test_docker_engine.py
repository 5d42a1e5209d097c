from pathlib import Path

from tests.command import run
from tests.docker_engine import DockerEngine


def test_the_engine_builds_an_image(docker_engine: DockerEngine, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n")
    environment = docker_engine.environment

    built = run(
        ["docker", "build", "-q", "-t", "wasmctl/test:1", tmp_path], environment=environment
    )

    assert built.stdout.startswith("sha256:")
    assert run(["docker", "rmi", "wasmctl/test:1"], environment=environment).returncode == 0
