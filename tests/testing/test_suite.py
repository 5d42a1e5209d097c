from pathlib import Path

import pytest

from tests.envoy.plugins import plugin
from wasmctl import messages, project
from wasmctl.errors import DefinitionError, FilesError, NotAPluginError
from wasmctl.project import Project
from wasmctl.testing import suite
from wasmctl.testing.steps import ExpectStep, HttpStep
from wasmctl.testing.suite import Scenario, Suite
from wasmctl.testing.targets.base import PluginSetup, Sending

PROJECT = """
[project]
name = "gate"
language = "assemblyscript"
[plugin]
root_id = "gate"
vm_id = "vm"
config = "config.json"
env = { A = "1", B = "2" }
"""


@pytest.fixture
def gate(tmp_path: Path) -> Project:
    """A project with a module that was built, and a configuration."""
    write(tmp_path / "wasmctl.toml", PROJECT)
    write(tmp_path / "config.json", "{}")
    module = tmp_path / "dist/gate.wasm"
    module.parent.mkdir()
    module.write_bytes(plugin().content)
    return project.load(tmp_path)


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def opened(gate: Project, text: str) -> Suite:
    path = write(gate.root / "tests/a.wasmtest.yaml", text)
    (found,) = suite.open_suites([path], gate)
    return found


def scenario(gate: Project, test: str, *, above: str = "") -> Scenario:
    text = f"wasmtest: 1\n{above}\ntests:\n  - {{name: one, {test}}}\n"
    return opened(gate, text).scenarios[0]


def sent(gate: Project, test: str, *, above: str = "") -> Sending:
    (step,) = scenario(gate, test, above=above).steps
    assert isinstance(step, HttpStep)
    assert step.sending
    return step.sending


def under_test(gate: Project, test: str, *, above: str = "") -> PluginSetup:
    return scenario(gate, f"{test}, expect: {{configured: true}}", above=above).plugin.setup


def test_a_test_has_its_name_and_line(gate: Project) -> None:
    found = opened(gate, "wasmtest: 1\ntests:\n  - name: a\n    expect: {configured: true}\n")

    assert [(test.name, test.line) for test in found.scenarios] == [("a", 3)]


def test_a_bare_path_is_a_get_from_the_test_host(gate: Project) -> None:
    found = sent(gate, "request: /cart, expect: {client: never}")

    assert found.request == messages.request("/cart", authority="example.test")
    assert found.origin.message == messages.response(200)


def test_a_bare_number_is_the_status_of_the_reply(gate: Project) -> None:
    found = sent(gate, "request: /, reply: 404, expect: {client: never}")

    assert found.origin.message == messages.response(404)


def test_messages_say_all_that_http_can(gate: Project) -> None:
    found = sent(
        gate,
        "request: {method: POST, path: /a?b=c, authority: b.test, scheme: https, headers: {X-A: 1},"
        " body: {chunks: [a, b]}, trailers: {x-t: 2}},"
        " reply: {status: 503, headers: {x-b: 3}, body: no, trailers: {x-u: 4}},"
        " expect: {client: never}",
    )

    assert found.request == messages.request(
        "/a?b=c",
        method="POST",
        authority="b.test",
        scheme="https",
        headers=((b"x-a", b"1"),),
        chunks=(b"a", b"b"),
        trailers=((b"x-t", b"2"),),
    )
    assert found.origin.message == messages.response(
        503, headers=((b"x-b", b"3"),), chunks=(b"no",), trailers=((b"x-u", b"4"),)
    )


def test_messages_begin_with_the_defaults_of_the_file(gate: Project) -> None:
    found = sent(
        gate,
        "request: {headers: {a: 9, b: ~}}, reply: {body: ~}, expect: {client: never}",
        above="defaults: {request: {path: /d, method: PUT, headers: {a: 1, b: 2, c: 3}, body: x},"
        " reply: {status: 201, body: y}}",
    )

    assert found.request == messages.request(
        "/d", method="PUT", headers=((b"c", b"3"), (b"a", b"9")), chunks=(b"x",)
    )
    assert found.origin.message == messages.response(201)


def test_a_test_without_request_sends_nothing(gate: Project) -> None:
    (step,) = scenario(gate, "expect: {configured: true}").steps

    assert isinstance(step, ExpectStep)


def test_a_test_runs_where_it_says_or_else_its_file(gate: Project) -> None:
    expect = "expect: {configured: true}"

    assert scenario(gate, expect).targets is None
    assert scenario(gate, expect, above="targets: [envoy]").targets == ("envoy",)
    assert scenario(gate, f"targets: [harness], {expect}", above="targets: [envoy]").targets == (
        "harness",
    )


def test_the_project_says_what_the_file_does_not(gate: Project) -> None:
    tested = under_test(gate, "description: x")

    assert scenario(gate, "expect: {configured: true}").plugin.path == gate.output
    assert (tested.root_id, tested.vm_id) == ("gate", "vm")
    assert tested.configuration == b"{}"
    assert tested.environment == {"A": "1", "B": "2"}


def test_the_test_comes_before_the_file_and_the_file_before_the_project(gate: Project) -> None:
    tested = under_test(
        gate,
        "plugin: {vm_id: t, env: {B: 4}}",
        above="plugin: {root_id: f, vm_id: f, config: x, env: {B: 3, C: 5}}",
    )

    assert (tested.root_id, tested.vm_id) == ("f", "t")
    assert tested.configuration == b"x"
    assert tested.environment == {"A": "1", "B": "4", "C": "5"}


@pytest.mark.parametrize(
    ("written", "configuration"),
    [
        ("config: {a: [1, 1.10, true, ~], b: é}", '{"a":[1,1.1,true,null],"b":"é"}'),
        ("config: plain text", "plain text"),
        ("config: 1.10", "1.10"),
        ("config: ~", ""),
        ("config: ''", ""),
        ("plugin: {config: x}", "x"),
        ("plugin: {config_file: ../other.txt}", "from a file"),
    ],
)
def test_a_configuration_is_text_or_becomes_json(
    gate: Project, written: str, configuration: str
) -> None:
    write(gate.root / "other.txt", "from a file")

    assert under_test(gate, written).configuration == configuration.encode()


def test_a_module_is_found_from_the_scenario_file_without_any_project(tmp_path: Path) -> None:
    (tmp_path / "p.wasm").write_bytes(plugin().content)
    path = write(
        tmp_path / "tests/a.wasmtest.yaml",
        "wasmtest: 1\nplugin: {wasm: ../p.wasm}\ntests: [{name: a, expect: {configured: true}}]",
    )

    (found,) = suite.open_suites([path], None)

    assert found.scenarios[0].plugin.plugin.content == plugin().content


def test_a_module_that_was_not_built_is_not_a_failing_test(gate: Project) -> None:
    gate.output.unlink()

    with pytest.raises(FilesError) as raised:
        scenario(gate, "expect: {configured: false}")

    assert raised.value.message == f"no module at {gate.output}"
    assert "wasmctl build" in raised.value.hint


def test_a_module_that_is_no_plugin_is_not_a_failing_test(gate: Project) -> None:
    gate.output.write_bytes(b"\0asm\1\0\0\0")

    with pytest.raises(NotAPluginError, match=r"gate\.wasm"):
        scenario(gate, "expect: {configured: false}")


def test_a_file_without_plugin_and_project_is_told_so(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.wasmtest.yaml",
        "wasmtest: 1\ntests: [{name: a, expect: {configured: true}}]",
    )

    with pytest.raises(DefinitionError, match="names no plugin, and there is no project"):
        suite.open_suites([path], None)


def test_the_mistakes_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    first = write(tmp_path / "a.yaml", "wasmtest: 2\ntests: []\n")
    second = write(tmp_path / "b.yaml", "wasmtest: [\n")

    with pytest.raises(DefinitionError) as raised:
        suite.open_suites([first, second], None)

    assert [line.split(": ", 1)[0] for line in (raised.value.message, *raised.value.details)] == [
        f"{first}:1:11",
        f"{first}:2:8",
        f"{second}:2:1",
    ]
