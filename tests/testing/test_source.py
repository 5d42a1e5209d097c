from pathlib import Path

import pytest

from wasmctl.errors import DefinitionError
from wasmctl.testing import source
from wasmctl.testing.source import Document, Mark

PATH = Path("a.wasmtest.yaml")


def read(text: str) -> Document:
    return source.read(text.encode(), PATH)


def test_values_are_plain() -> None:
    document = read("a: {b: [1, no, ~], c: 'two'}\nd: |\n  text\n")

    assert document.value == {"a": {"b": [1, "no", None], "c": "two"}, "d": "text\n"}


def test_quoted_scalars_are_text() -> None:
    assert read("a: '1'\nb: \"true\"").value == {"a": "1", "b": "true"}


def test_keys_are_text_whatever_they_look_like() -> None:
    assert read("404: a\ntrue: b\non: c").value == {"404": "a", "true": "b", "on": "c"}


def test_a_question_mark_inside_a_plain_scalar_is_text_in_flow_collections_too() -> None:
    assert read("{path: /uuid?x=1}").value == {"path": "/uuid?x=1"}


def test_a_document_knows_where_its_values_and_keys_stand() -> None:
    document = read("tests:\n  - name: one\n    expect: {client: never}\n")

    assert document.mark(("tests", 0, "name")) == Mark(path=PATH, line=2, column=11)
    assert document.key_mark(("tests", 0, "name")) == Mark(path=PATH, line=2, column=5)
    assert document.key_mark(("tests", 0, "expect", "client")) == Mark(path=PATH, line=3, column=14)


def test_what_is_not_there_stands_where_its_map_begins() -> None:
    document = read("tests:\n  - name: one\n")

    assert document.mark(("tests", 0, "expect", "client")) == Mark(path=PATH, line=2, column=5)


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("a: 1\nb: 2\na: 3", "3:1: duplicate key 'a', first on line 1"),
        ("a: &x 1", "1:4: the anchor &x; there are no aliases to use it"),
        ("a: *x", "1:4: the alias *x; write the value out"),
        ("{*x}", "1:2: the alias *x; write the value out"),
        ("a: !!str 1", "1:4: the tag tag:yaml.org,2002:str; a value's form tells its type"),
    ],
)
def test_lesser_mistakes_do_not_end_the_reading(text: str, mistake: str) -> None:
    document = read(text)

    found = document.mistakes[0]
    assert f"{found.mark.line}:{found.mark.column}: {found.message}" == mistake


@pytest.mark.parametrize(
    ("content", "mistake"),
    [
        (b"", "1:1: the file is empty"),
        (b"# only this", "1:1: the file is empty"),
        (b"- a", "1:1: expected a map with the keys wasmtest and tests"),
        (b"a: b\n---\nc: d", "2:1: a second document; a file has one"),
        (b"? [a]\n: b", "1:3: a map or list as a key; a key is a text"),
        (b"a: [1, 2", "2:1: did not find expected ',' or ']'; what is open here began at 1:4"),
        (b"a: 'b", "1:6: the file ends inside a quoted text"),
        (b"a: b: c", "1:5: a second ': ' in one line; put the value in quotes, or"),
        (b"a:\n\tb: c", "2:1: a value cannot begin with this character; put it in quotes"),
        (b"a: @b", "1:4: a value cannot begin with this character; put it in quotes"),
        (b"a: \xff", "1:4: not UTF-8 text"),
        (b"a: b\nc: \x01", "2:4: the control character U+0001; write it as an escape in quotes"),
        (b"a: " + b"[" * 100_000, "1:35: nested deeper than 32 levels"),
        (
            b"a: " + b"x" * (1 << 20),
            "1:1: the file has 1,048,579 bytes; at most 1,048,576",
        ),
    ],
)
def test_what_ends_the_reading_is_told_with_line_and_column(content: bytes, mistake: str) -> None:
    with pytest.raises(DefinitionError) as raised:
        source.read(content, PATH)

    assert raised.value.message.startswith(f"{PATH}:{mistake}")


def test_mistakes_are_told_in_the_order_of_lines_and_not_without_end() -> None:
    mistakes = [
        source.Mistake(mark=Mark(path=PATH, line=n, column=1), message="x")
        for n in range(90, 0, -1)
    ]

    refusal = source.refusal(PATH, mistakes)

    assert refusal.message == f"{PATH}:1:1: x"
    assert refusal.details[-2:] == (f"{PATH}:50:1: x", "and 40 more")
