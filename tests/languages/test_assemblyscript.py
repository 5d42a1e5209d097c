import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command import run
from tests.workbench import Workbench
from wasmctl import plugin, scaffold
from wasmctl.languages.assemblyscript import agrees

_COMPILER = {"devDependencies": {"assemblyscript": "0.28.20"}}


def _lock(**root: object) -> bytes:
    return json.dumps({"packages": {"": root}}).encode()


def _manifest(**fields: object) -> bytes:
    return json.dumps(fields).encode()


def test_a_lock_of_the_same_packages_agrees() -> None:
    assert agrees(_manifest(version="2.0.0", **_COMPILER), _lock(version="1.0.0", **_COMPILER))


@pytest.mark.parametrize(
    "changed",
    [
        {"devDependencies": {"assemblyscript": "0.28.19"}},
        {"devDependencies": {}},
        {**_COMPILER, "dependencies": {"long": "5.3.2"}},
    ],
)
def test_a_manifest_with_other_packages_does_not_agree(changed: dict[str, dict[str, str]]) -> None:
    assert not agrees(_manifest(**changed), _lock(**_COMPILER))


@pytest.mark.parametrize("lock", [b"", b"{", b"[]", b'{"packages": []}', b'{"packages": {}}'])
def test_a_damaged_or_absent_lock_does_not_agree(lock: bytes) -> None:
    assert not agrees(_manifest(**_COMPILER), lock)


def test_a_project_that_is_sent_gets_its_lock_back_and_no_packages_in_a_container(
    bench: Workbench, built: Callable[[scaffold.Template], Path], tmp_path: Path
) -> None:
    """On a disk that is there for the command alone, as for an engine on another machine."""
    original = built(scaffold.find("assemblyscript", "http-headers"))
    left = shutil.ignore_patterns("node_modules", "dist", "package-lock.json")
    folder = Path(shutil.copytree(original, tmp_path / "demo", ignore=left))
    with (folder / "wasmctl.toml").open("a") as file:
        file.write('[build]\nengine = "container"\n')

    finished = bench.build_on_disk("size=4m", folder)

    _forget_packages(bench, tmp_path / "disk")
    assert finished.returncode == 0, finished.stderr
    assert f"does not see {tmp_path}/disk: it is sent" in finished.stderr
    made = plugin.open_plugin(folder / "dist/demo.wasm")
    assert made.content == (original / "dist/demo.wasm").read_bytes()
    lock = json.loads((folder / "package-lock.json").read_text())
    assert "node_modules/assemblyscript" in lock["packages"]
    assert not (folder / "node_modules").exists()


def _forget_packages(bench: Workbench, project: Path) -> None:
    named = ["docker", "volume", "ls", "--quiet", "--filter", f"label=wasmctl.project={project}"]
    for volume in run(named, environment=bench.environment).stdout.split():
        run(["docker", "volume", "rm", volume], environment=bench.environment)
