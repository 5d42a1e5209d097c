"""Placeholders, cases, matrix, before_each and include: what a file is when it is written out."""

from pathlib import Path

import pytest

from wasmctl.errors import DefinitionError
from wasmctl.testing import expansion, neighbours, source
from wasmctl.testing.scalars import Value
from wasmctl.testing.source import Document


def expanded(folder: Path, text: str, **others: str) -> Document:
    for name, content in others.items():
        (folder / f"{name}.yaml").write_text(content)
    path = folder / "a.wasmtest.yaml"
    document = source.read(text.encode(), path)
    return expansion.expand(document, neighbours.of(path, None))


def written_out(folder: Path, text: str, **others: str) -> Value:
    document = expanded(folder, text, **others)
    assert not document.mistakes
    return document.value["tests"]


def told(document: Document) -> list[str]:
    found = sorted(document.mistakes)
    return [f"{m.mark.path.name}:{m.mark.line}:{m.mark.column}: {m.message}" for m in found]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("${n}", 7),
        ("a${n}b", "a7b"),
        ("${list}", [1, "two"]),
        ("${yes}", True),
        ("${yes}!", "true!"),
        ("$${n}", "${n}"),
        ("${n}${n}", "77"),
        ("${chained}", "x7"),
        ("$n", "$n"),
        ("${nothing}", None),
    ],
)
def test_a_placeholder_keeps_the_type_when_it_is_the_whole_text(
    tmp_path: Path, written: str, value: Value
) -> None:
    text = (
        "vars: {n: 7, list: [1, two], yes: true, chained: 'x${n}', nothing: ~}\n"
        f"tests: [{{a: '{written}'}}]"
    )

    assert written_out(tmp_path, text) == [{"a": value}]


def test_a_test_sees_the_variables_of_its_file_and_may_replace_them(tmp_path: Path) -> None:
    text = "vars: {a: 1, b: 2}\ntests: [{vars: {b: 3, c: '${a}'}, x: '${a}${b}${c}'}]"

    assert written_out(tmp_path, text) == [{"x": "131"}]


def test_each_case_is_a_test_with_a_name_of_its_own(tmp_path: Path) -> None:
    text = "tests: [{name: t, cases: [{a: 1}, {a: [x]}], x: '${a}'}]"

    assert written_out(tmp_path, text) == [
        {"name": "t [a=1]", "x": 1},
        {"name": "t [2]", "x": ["x"]},
    ]


def test_a_name_with_placeholders_tells_the_cases_apart(tmp_path: Path) -> None:
    text = "tests: [{name: 'status ${s}', cases: [{s: 200}, {s: 404}]}]"

    assert written_out(tmp_path, text) == [{"name": "status 200"}, {"name": "status 404"}]


def test_a_matrix_is_every_combination_and_crosses_the_cases(tmp_path: Path) -> None:
    text = "tests: [{name: t, cases: [{c: x}], matrix: {a: [1, 2], b: [p, q]}}]"

    assert written_out(tmp_path, text) == [
        {"name": "t [c=x, a=1, b=p]"},
        {"name": "t [c=x, a=1, b=q]"},
        {"name": "t [c=x, a=2, b=p]"},
        {"name": "t [c=x, a=2, b=q]"},
    ]


def test_the_steps_of_the_file_come_before_those_of_the_test(tmp_path: Path) -> None:
    text = "before_each: [{a: '${n}'}]\ntests: [{vars: {n: 1}}, {vars: {n: 2}, before: [{b: 3}]}]"

    assert written_out(tmp_path, text) == [
        {"before": [{"a": 1}]},
        {"before": [{"a": 2}, {"b": 3}]},
    ]


def test_what_is_included_comes_first_and_what_the_file_says_wins(tmp_path: Path) -> None:
    document = expanded(
        tmp_path,
        "include: [b.yaml]\nvars: {x: 2}\nplugin: {config: c}\n"
        "defaults: {request: {path: /own}}\ntests: [{name: own, x: '${x}'}]",
        b="wasmtest: 1\nvars: {x: 1, y: 1}\nplugin: {wasm: p, config: b}\n"
        "defaults: {request: {path: /b, method: PUT}, reply: {status: 201}}\n"
        "tests: [{name: shared, x: '${x}${y}'}]",
    )

    assert document.value == {
        "plugin": {"wasm": "p", "config": "c"},
        "defaults": {"request": {"path": "/own", "method": "PUT"}, "reply": {"status": 201}},
        "tests": [{"name": "shared", "x": "21"}, {"name": "own", "x": 2}],
    }


def test_upstreams_and_properties_can_be_included(tmp_path: Path) -> None:
    document = expanded(
        tmp_path,
        "include: [b.yaml]\nupstreams: {a: {reply: 200}}\nproperties: [one]\ntests: []",
        b="upstreams: {a: {fail: reset}, b: {hold: true}}\nproperties: [two]"
        "\nhost: {log_level: warn}",
    )

    assert document.value == {
        "upstreams": {"a": {"reply": 200}, "b": {"hold": True}},
        "properties": ["two", "one"],
        "host": {"log_level": "warn"},
        "tests": [],
    }


def test_values_are_found_where_they_were_written(tmp_path: Path) -> None:
    document = expanded(
        tmp_path,
        "include: [b.yaml]\nbefore_each:\n  - a\ntests:\n  - name: x\n"
        "    cases: [{a: 1}, {a: 2}]\n",
        b="tests:\n  - name: b\nplugin:\n  wasm: p\n",
    )

    found = [
        document.mark(at)
        for at in (
            ("tests", 0, "name"),
            ("tests", 1, "name"),
            ("tests", 2, "name"),
            ("tests", 2, "before", 0),
            ("plugin", "wasm"),
        )
    ]
    assert [(mark.path.name, mark.line, mark.column) for mark in found] == [
        ("b.yaml", 2, 11),
        ("a.wasmtest.yaml", 5, 11),
        ("a.wasmtest.yaml", 5, 11),
        ("a.wasmtest.yaml", 3, 5),
        ("b.yaml", 4, 9),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tests: [{a: '${b}'}]", "1:13: unknown placeholder ${b}; there are none"),
        ("vars: {bee: 1}\ntests: [{a: '${be}'}]", "2:13: unknown placeholder ${be}; did you mean"),
        ("tests: [{a: 'x${b'}]", "1:13: '${' without '}'; write $${ for itself"),
        ("vars: {b: [1]}\ntests: [{a: 'x${b}'}]", "2:13: ${b} is a list; inside a text it must"),
        ("tests: [{a: {'${a}': 1}}]", "1:14: a placeholder in a key; only values have them"),
        ("vars: [a]\ntests: []", "1:7: expected a map of names and values, not a list"),
        ("vars: {a-b: 1}\ntests: []", "1:8: 'a-b' is not a name"),
        ("vars: {a: '${b}', b: 1}\ntests: []", "1:11: unknown placeholder ${b}; there are none"),
        ("tests: [{cases: []}]", "1:17: expected a list with at least one case, not an empty"),
        ("tests: [{cases: [1]}]", "1:18: expected a map of names and values, not a number"),
        ("tests: [{matrix: {a: 1}}]", "1:22: expected a list with at least one value, not a n"),
        ("include: b.yaml\ntests: []", "1:10: expected a list of names of files, not a text"),
        ("include: [c.yaml]\ntests: []", "1:11: no file 'c.yaml' beside the scenario file"),
        ("include: [../c.yaml]\ntests: []", "1:11: '../c.yaml' leads out of"),
        (
            f"tests: [{{matrix: {{{', '.join(f'{n}: [1,2,3,4,5,6]' for n in 'abcdef')}}}}}]",
            "1:18: 46,656 tests; at most 10,000 are run",
        ),
    ],
)
def test_a_slip_is_told_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    (line,) = told(expanded(tmp_path, text))

    assert line.startswith(f"a.wasmtest.yaml:{message}")


def test_slips_of_included_files_are_told_with_their_names(tmp_path: Path) -> None:
    document = expanded(
        tmp_path,
        "include: [b.yaml]\ntests: []",
        b="include: [a.wasmtest.yaml]\ntargets: [envoy]\ntests: [{a: '${b}'}]\n",
    )

    assert [line.split("; ")[0] for line in told(document)] == [
        "b.yaml:1:1: 'include' cannot be included",
        "b.yaml:2:1: 'targets' cannot be included",
        "b.yaml:3:13: unknown placeholder ${b}",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "vars:\n  a0: xxxxxxxxxxxxxxxx\n"
        + "".join(f"  a{n + 1}: '${{a{n}}}${{a{n}}}'\n" for n in range(40))
        + "tests: []",
        "vars:\n  a0: [x]\n"
        + "".join(f"  a{n + 1}: ['${{a{n}}}', '${{a{n}}}']\n" for n in range(40))
        + "tests: []",
        "vars:\n  a0: [x]\n"
        + "".join(f"  a{n + 1}: ['${{a{n}}}']\n" for n in range(2000))
        + "tests: []",
        (
            f"vars: {{a: {'x' * 100_000}}}\n"
            f"tests: [{{matrix: {{b: {list(range(5000))}}}, c: '${{a}}'}}]"
        ),
        "tests:\n" + f"  - matrix: {{a: {list(range(9000))}}}\n" * 2,
    ],
    ids=["texts", "lists", "depth", "matrix", "tests"],
)
def test_what_multiplies_without_end_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(DefinitionError, match="written out, the file becomes too large"):
        expanded(tmp_path, text)
