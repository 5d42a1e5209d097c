"""Scenario files with one slip each, and what is told of it: line, column, words."""

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wasmctl.errors import DefinitionError
from wasmctl.testing import suite

WHOLE = """\
wasmtest: 1
plugin: {wasm: p.wasm}
tests:
  - name: one
    request: /a
    reply: 200
    expect:
      client: {status: 200}
"""

# What stands in the file above, what is written in its place, and what is told of it.
SLIPS = [
    ("wasmtest: 1\n", "", "1:1: missing key 'wasmtest'"),
    ("wasmtest: 1", "wasmtest: 2", "1:11: expected 1, not '2'"),
    ("tests:", "test:", "3:1: unknown key 'test'; did you mean 'tests'?"),
    ("plugin:", "plugni:", "2:1: unknown key 'plugni'; did you mean 'plugin'?"),
    ("plugin:", "plugins:", "2:10: expected a list, not a map"),
    ("{wasm: p.wasm}", "p.wasm", "2:9: expected a map, not a text"),
    ("{wasm: p.wasm}", "{wsam: p.wasm}", "2:10: unknown key 'wsam'; did you mean 'wasm'?"),
    ("{wasm: p.wasm}", "{wasm: ~}", "2:16: expected a text, not nothing"),
    ("{wasm: p.wasm}", "{env: {A: [1]}}", "2:19: expected a text, not a list"),
    ("{wasm: p.wasm}", "{env: [A]}", "2:15: expected a map, not a list"),
    (
        "{wasm: p.wasm}",
        "{config: a, config_file: b}",
        "2:21: config and config_file: one of them is enough",
    ),
    ("  - name: one\n    request", "  - request", "4:5: missing key 'name'"),
    ("  - name: one", "  - one", "5:12: a second ': ' in one line; put the value in quotes"),
    ("name: one", "name: [one]", "4:11: expected a text, not a list"),
    ("name: one", "name: ''", "4:11: '' is not a name: one line of visible text"),
    ("name: one", 'name: "a\\nb"', "4:11: 'a\\nb' is not a name: one line of visible text"),
    ("name: one", "name: one\n    name: two", "5:5: duplicate key 'name', first on line 4"),
    (
        "name: one",
        "name: one\n    expct: {}",
        "5:5: unknown key 'expct'; did you mean 'expect'?",
    ),
    ("name: one", "name: one\n    targets: harness", "5:14: expected a list, not a text"),
    ("name: one", "name: one\n    targets: []", "5:14: expected a list with at least one entry"),
    (
        "name: one",
        "name: one\n    targets: [envy]",
        "5:15: expected 'harness' or 'envoy', not 'envy'",
    ),
    ("name: one", "name: one\n    targets: ~", "5:14: expected a value, not nothing"),
    (
        "name: one",
        "name: one\n    config: a\n    plugin: {config: b}",
        "5:13: the plugin's configuration is given twice",
    ),
    ("request: /a", "request: a", "5:14: 'a' is not a path: it begins with / and has no spaces"),
    ("request: /a", "request: /a b", "5:14: '/a b' is not a path"),
    ("request: /a", "request: ~", "5:14: expected a value, not nothing"),
    ("request: /a", "request: [/a]", "5:14: expected a map, not a list"),
    ("request: /a", "request: {url: /a}", "5:15: unknown key 'url'; known are authority, body,"),
    ("request: /a", "request: {path: [/a]}", "5:21: expected a text, not a list"),
    ("request: /a", "request: {method: GE T}", "5:23: 'GE T' is not a method"),
    ("request: /a", "request: {authority: ''}", "5:26: '' is not an authority"),
    ("request: /a", "request: {scheme: ftp}", "5:23: expected 'http' or 'https', not 'ftp'"),
    ("request: /a", "request: {headers: {a b: 1}}", "5:25: 'a b' is not a field name"),
    ("request: /a", "request: {headers: {a: {hex: g}}}", "5:34: not hex: 'g'"),
    ("request: /a", "request: {body: {txt: a}}", "5:22: unknown key 'txt'; did you mean 'text'?"),
    ("request: /a", "request: {trailers: a}", "5:25: expected a map of fields, not a text"),
    ("reply: 200", "reply: ok", "6:12: expected a map, not a text"),
    ("reply: 200", "reply: 100", "6:12: expected a status from 200 to 599"),
    ("reply: 200", "reply: {status: '200'}", "6:21: expected a status from 200 to 599"),
    ("reply: 200", "reply: {state: 200}", "6:13: unknown key 'state'; did you mean 'status'?"),
    (
        "    request: /a\n",
        "",
        "5:5: 'reply' is of no use: without request, nothing is sent",
        "7:7: 'client' is of no use: without request, nothing is sent",
    ),
    ("    expect:\n      client: {status: 200}\n", "", "4:5: missing key 'expect'"),
    (
        "    expect:\n      client: {status: 200}",
        "    expect:",
        "7:12: expected a value, not nothing",
    ),
    (
        "    expect:\n      client: {status: 200}",
        "    expect: {x-mine: 1}",
        "7:13: nothing is expected: name what must be seen",
    ),
    ("client: {status: 200}", "clint: {}", "8:7: unknown key 'clint'; did you mean 'client'?"),
    (
        "client: {status: 200}",
        "client: nevr",
        "8:15: expected never, unfinished or a map, not a text",
    ),
    ("client: {status: 200}", "client: ~", "8:15: expected never, unfinished or a map, not noth"),
    ("{status: 200}", "{stauts: 200}", "8:16: unknown key 'stauts'; did you mean 'status'?"),
    ("{status: 200}", "{status: ok}", "8:24: expected a number, not a text"),
    ("{status: 200}", "{status: {gte: 5}}", "8:25: unknown key 'gte'; did you mean 'gt'?"),
    ("{status: 200}", "{path: ~}", "8:22: expected a text, not nothing"),
    ("{status: 200}", "{headers: [a]}", "8:25: expected a map of fields, not a list"),
    (
        "{status: 200}",
        "{headers: {a: {contians: b}}}",
        "8:30: unknown key 'contians'; did",
    ),
    ("{status: 200}", "{headers: {a: 1, A: 2}}", "8:32: the field 'a' stands here twice"),
    ("{status: 200}", "{body: {regex: '('}}", "8:30: not a regular expression: missing )"),
    (
        "client: {status: 200}",
        "upstream: [5]",
        "8:18: expected never, unfinished or a map, not a number",
    ),
    ("client: {status: 200}", "logs: a", "8:13: expected a list with at least one log matcher"),
    ("client: {status: 200}", "logs: [{lvl: info}]", "8:15: unknown key 'lvl'; did you mean"),
    ("client: {status: 200}", "logs: [{level: inf}]", "8:22: unknown log level 'inf'; did you"),
    ("client: {status: 200}", "no_logs: false", "8:16: expected a list with at least one log"),
    (
        "client: {status: 200}",
        "logs: [a]\n      no_logs: true",
        "9:7: no_logs: true leaves nothing that logs could find",
    ),
    ("client: {status: 200}", "metrics: [a]", "8:16: expected a map, not a list"),
    ("client: {status: 200}", "metrics: {a: {delta: x}}", "8:28: expected a number, not a text"),
    (
        "client: {status: 200}",
        "metrics: {a: {delt: 1}}",
        "8:21: unknown key 'delt'; did you",
    ),
    ("client: {status: 200}", "configured: maybe", "8:19: expected true or false, not a text"),
    ("client: {status: 200}", "configured: ~", "8:19: expected a value, not nothing"),
    (
        "client: {status: 200}",
        "configured: false",
        "5:5: 'request' is of no use: where the plugin must not start",
        "6:5: 'reply' is of no use: where the plugin must not start",
    ),
    ("client: {status: 200}", "trap: unreachabel", "8:13: expected true, false or a kind of trap;"),
]


# Characters that mean something in YAML, and pieces that mean something in a scenario.
PIECES = st.sampled_from(
    [
        *":{}[]&*!|>'\"#-?,~ \n\t%@`",
        "<<: ",
        "- ",
        "null",
        "0x1F",
        "1e999",
        "\\",
        "\0",
        "é",
        "{regex: '",
    ]
)


def told(path: Path) -> list[str]:
    with pytest.raises(DefinitionError) as raised:
        suite.read_file(path)
    lines = (raised.value.message, *raised.value.details)
    return [line.removeprefix(f"{path}:") for line in lines]


def test_the_file_without_a_slip_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.wasmtest.yaml"
    path.write_text(WHOLE)

    file, _ = suite.read_file(path)

    assert [test.name for test in file.tests] == ["one"]


@pytest.mark.parametrize("slip", SLIPS, ids=["\n".join(slip[:2]) for slip in SLIPS])
def test_one_slip_is_told_once_with_line_and_column(tmp_path: Path, slip: tuple[str, ...]) -> None:
    before, after, *expected = slip
    path = tmp_path / "a.wasmtest.yaml"
    path.write_text(WHOLE.replace(before, after, 1))
    assert path.read_text() != WHOLE

    lines = told(path)

    assert len(lines) == len(expected), lines
    for line, beginning in zip(lines, expected, strict=True):
        assert line.startswith(beginning)


def test_two_tests_of_one_name_are_told_apart_by_nobody(tmp_path: Path) -> None:
    path = tmp_path / "a.wasmtest.yaml"
    path.write_text(WHOLE + "  - {name: one, expect: {configured: true}}\n")

    assert told(path) == ["9:12: another test has the name 'one' too"]


def test_keys_of_the_authors_own_begin_with_x(tmp_path: Path) -> None:
    path = tmp_path / "a.wasmtest.yaml"
    path.write_text(WHOLE.replace("name: one", "name: one\n    x-ticket: {any: thing}"))

    file, _ = suite.read_file(path)

    assert [test.name for test in file.tests] == ["one"]


def test_all_mistakes_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.wasmtest.yaml"
    text = WHOLE.replace("wasmtest: 1", "wasmtest: 3").replace("/a", "a")
    path.write_text(text.replace("status: 200", "status: x, headrs: {}") + "tagz: [&a b]\n")

    places = [line.split(" ", 1)[0] for line in told(path)]

    assert places == ["1:11:", "5:14:", "8:24:", "8:27:", "9:1:", "9:8:"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    edits=st.lists(
        st.tuples(st.integers(0, len(WHOLE)), st.integers(0, 12), PIECES), min_size=1, max_size=6
    )
)
def test_whatever_is_written_is_read_or_refused_with_its_place(
    tmp_path: Path, edits: list[tuple[int, int, str]]
) -> None:
    text = WHOLE
    for at, length, piece in edits:
        text = text[:at] + piece + text[at + length :]
    path = tmp_path / "a.wasmtest.yaml"
    path.write_text(text)

    try:
        suite.read_file(path)
    except DefinitionError as error:
        assert re.match(rf"{re.escape(str(path))}:\d+:\d+: .", error.message)  # noqa: PT017
