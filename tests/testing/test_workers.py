from pathlib import Path

import pytest

from tests.envoy.plugins import plugin
from wasmctl.testing import suite, workers
from wasmctl.testing.report import Outcome, Result
from wasmctl.testing.suite import Suite


@pytest.fixture
def suites(tmp_path: Path) -> tuple[Suite, ...]:
    """Two files: of one every test passes, of the other the second fails."""
    (tmp_path / "p.wasm").write_bytes(plugin().content)
    paths = [tmp_path / "a.wasmtest.yaml", tmp_path / "b.wasmtest.yaml"]
    tests = "".join(f"  - {{name: test {i}, request: /, expect: {{X}}}}\n" for i in range(5))
    text = f"wasmtest: 1\nplugin: {{wasm: p.wasm}}\ntests:\n{tests}"
    paths[0].write_text(text.replace("X", "client: {status: 200}"))
    other = text.replace("X", "client: {status: 404}", 2).replace("404", "200", 1)
    paths[1].write_text(other.replace("{X}", "{client: {status: 200}}"))
    return suite.open_suites(paths, None)


def told(results: list[Result]) -> list[str]:
    return [f"{each.file.name[0]} {each.name} {each.outcome}" for each in results]


def test_several_processes_play_what_one_would_and_in_its_order(suites: tuple[Suite, ...]) -> None:
    played = list(workers.played(suites, ["harness"], None, workers=2))

    assert told(played) == [
        *(f"a test {i} passed" for i in range(5)),
        *("b test 0 passed", "b test 1 failed", "b test 2 passed", "b test 3 passed"),
        "b test 4 passed",
    ]
    (failed,) = [each for each in played if each.outcome is Outcome.FAILED]
    assert failed.messages == ("client.status: expected 404, saw 200",)


def test_who_has_enough_stops_them(suites: tuple[Suite, ...]) -> None:
    playing = workers.played(suites, ["harness"], None, workers=2)

    first = next(playing)
    playing.close()  # type: ignore[attr-defined] # it is a generator

    assert first.name == "test 0"
