"""Broken scenario files: each is refused with its place and a reason, and none hangs a run.

Some are made, by putting values of the wrong type at every key; the others are attacks.
"""

import copy
import json
import os
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from wasmctl.errors import DefinitionError
from wasmctl.testing import source, suite
from wasmctl.testing.blame import Location
from wasmctl.testing.neighbours import MAX_SIZE

pytestmark = pytest.mark.timeout(30)

MESSAGE = {
    "method": "GET",
    "scheme": "http",
    "authority": "a.test",
    "path": "/",
    "headers": {"a": "b"},
    "body": "x",
    "trailers": {"a": "b"},
}
REPLY = {"status": 200, "headers": {"a": "b"}, "body": "x", "trailers": {"a": "b"}}
EXPECT = {
    "configured": True,
    "upstream": {**MESSAGE, "body": {"json": {}}},
    "client": {"status": {"le": 200}, "headers": {"a": {"not": "b"}}, "body": {"len": 1}},
    "logs": [{"level": "info", "at_least": "info", "times": 1, "contains": "a"}],
    "metrics": {"a": {"delta": 1}},
    "trap": False,
}
UPSTREAM = {"rules": [{"when": {"path": "/"}, "reply": REPLY, "delay": "1ms", "times": 1}]}
WHOLE: dict[str, Any] = {
    "wasmtest": 1,
    "name": "a",
    "description": "a",
    "tags": ["a"],
    "targets": ["harness"],
    "vars": {"v": 1},
    "plugin": {"wasm": "a", "config": "a", "root_id": "a", "vm_id": "a", "env": {"a": "b"}},
    "host": {
        "clock": {"start": "2026-01-01T00:00:00Z"},
        "random": {"seed": 1},
        "limits": {"memory": 1, "fuel": 1, "wall": "1s"},
        "log_level": "warn",
        "buffer_limit": 1,
        "fail_policy": "open",
        "reload_backoff": "1s",
    },
    "upstreams": {"a": UPSTREAM},
    "shared_data": {"a": "b"},
    "properties": [{"path": ["filter_state", "a"], "value": "b"}],
    "defaults": {"request": MESSAGE, "reply": REPLY},
    "tests": [
        {
            "name": "one",
            "description": "a",
            "tags": ["a"],
            "skip": "why",
            "xfail": "why",
            "only": True,
            "targets": ["envoy"],
            "vars": {"v": 1},
            "cases": [{"v": 1}],
            "matrix": {"w": [1]},
            "plugin": {"config_file": "a"},
            "before": [{"http": {"request": "/a"}}],
            "request": {**MESSAGE, "source": "127.0.0.1", "connection": "a"},
            "reply": REPLY,
            "expect": EXPECT,
        },
        {
            "name": "two",
            "steps": [
                {"http": {"times": 2, "request": MESSAGE, "reply": REPLY, "expect": EXPECT}},
                {"repeat": {"times": 2, "steps": [{"expect": EXPECT}], "expect": EXPECT}},
                {"http": {"id": "s", "request": "/", "until": "paused", "timeout": "1s"}},
                {"answer": {"callout": {"to": "a", "nth": 1}, "reply": 200, "delay": "1ms"}},
                {"advance": {"by": "1s", "expect": EXPECT}},
                {"reconfigure": {"config": "a", "expect": EXPECT}},
                {"cancel": {"stream": "s", "expect": EXPECT}},
                {"set": {"shared_data": {"a": "b"}}},
                {"enqueue": {"queue": "a", "data": "b"}},
                {"capture": {"id": {"from": "client.body", "search": "a", "json": ["a"]}}},
            ],
        },
    ],
}

# What no key of a kind takes.
WRONG: dict[str, list[object]] = {
    "text": [["a"], {"a": {"b": 1}}, None],
    "map": ["a", 5, ["a"], True],
    "list": ["a", 5, {"a": "b"}, True],
    "flag": ["maybe", 5, ["a"], None],
    "count": ["a", 1.5, -1, True, ["a"], None, 10**9],
    "natural": ["a", 1.5, -1, True, ["a"], None],
    "duration": ["a", 5, "5", "1d", "-1s", "1e3s", ["a"], None, "9" * 300 + "h"],
}
ONE, TWO = ("tests", 0), ("tests", 1)
HTTP, REPEAT = (*TWO, "steps", 0, "http"), (*TWO, "steps", 1, "repeat")
BEGUN, ANSWER = (*TWO, "steps", 2, "http"), (*TWO, "steps", 3, "answer")
RULE = ("upstreams", "a", "rules", 0)
KINDS: dict[str, list[Location]] = {
    "text": [
        *(("name",), ("description",), ("plugin", "wasm"), ("plugin", "root_id")),
        *(("plugin", "vm_id"), ("plugin", "env", "a"), (*ONE, "name"), (*ONE, "description")),
        *((*ONE, "plugin", "config_file"), (*ONE, "request", "method")),
        *((*ONE, "request", "authority"), (*ONE, "request", "path"), ("tags", 0)),
        *((*ONE, "request", "source"), (*ONE, "request", "connection")),
        *((*ONE, "request", "scheme"), (*ONE, "tags", 0), (*ONE, "targets", 0)),
        *((*ONE, "expect", "logs", 0, "level"), (*ONE, "expect", "logs", 0, "contains")),
        *(("host", "clock", "start"), ("host", "log_level"), ("host", "fail_policy")),
        *(("shared_data", "a"), (*BEGUN, "id"), (*BEGUN, "until"), (*ANSWER, "callout", "to")),
        *((*TWO, "steps", 6, "cancel", "stream"), (*TWO, "steps", 8, "enqueue", "queue")),
        *((*TWO, "steps", 8, "enqueue", "data"), (*TWO, "steps", 9, "capture", "id", "from")),
    ],
    "map": [
        *(
            ("vars",),
            ("plugin",),
            ("plugin", "env"),
            ("defaults",),
            ("defaults", "reply"),
        ),
        *((*ONE, "vars"), (*ONE, "cases", 0), (*ONE, "matrix"), (*ONE, "plugin"), (*ONE, "expect")),
        *((*ONE, "before", 0), (*ONE, "before", 0, "http"), (*ONE, "expect", "memory")),
        *((*ONE, "expect", "queues"), (*ONE, "expect", "shared_data")),
        *((*ONE, "expect", "hostcalls"), (*ONE, "expect", "time")),
        *((*ONE, "expect", "client", "headers"), HTTP, REPEAT),
        *(("host",), ("host", "clock"), ("host", "random"), ("host", "limits"), ("upstreams",)),
        *(("upstreams", "a"), RULE, (*RULE, "when"), ("shared_data",), ("properties", 0)),
        *(
            ANSWER,
            (*ANSWER, "callout"),
            (*TWO, "steps", 5, "reconfigure"),
            (*TWO, "steps", 7, "set"),
        ),
        *((*TWO, "steps", 8, "enqueue"), (*TWO, "steps", 9, "capture")),
        *(
            (*ONE, "expect", "metrics"),
            (*HTTP, "expect"),
            (*REPEAT, "expect"),
            (*REPEAT, "steps", 0),
        ),
    ],
    "list": [
        *((*ONE, "expect", "callouts"), (*ONE, "expect", "logs_in_order")),
        *((*ONE, "expect", "hazards"), (*ONE, "expect", "client", "header_order")),
        *(("tags",), ("targets",), ("tests",), (*ONE, "tags"), (*ONE, "targets"), (*ONE, "cases")),
        *((*ONE, "matrix", "w"), (*ONE, "before"), (*ONE, "expect", "logs"), (*TWO, "steps")),
        (*REPEAT, "steps"),
        *(("upstreams", "a", "rules"), ("properties",), ("properties", 0, "path")),
        (*TWO, "steps", 9, "capture", "id", "json"),
    ],
    "natural": [
        *(("host", "random", "seed"), ("host", "limits", "memory"), ("host", "limits", "fuel")),
        *(("host", "buffer_limit"), (*ANSWER, "callout", "nth")),
    ],
    "duration": [
        *(("host", "limits", "wall"), ("host", "reload_backoff"), (*RULE, "delay")),
        *((*BEGUN, "timeout"), (*ANSWER, "delay"), (*TWO, "steps", 4, "advance", "by")),
    ],
    "flag": [(*ONE, "only"), (*ONE, "expect", "configured"), (*ONE, "expect", "trap")],
    "count": [
        (*RULE, "times"),
        (*REPEAT, "times"),
        (*HTTP, "times"),
        (*ONE, "reply", "status"),
        ("defaults", "reply", "status"),
    ],
}
MADE = [(location, value) for kind, at in KINDS.items() for location in at for value in WRONG[kind]]

TEST = "wasmtest: 1\nplugin: {wasm: p}\ntests:\n  - name: a\n    "
# What is written, and a part of what is told.
ATTACKS = {
    "nothing": ("", "the file is empty"),
    "a null": ("~", "expected a map"),
    "a list": ("- a", "expected a map"),
    "a number": ("5", "expected a map"),
    "two documents": ("wasmtest: 1\n---\nwasmtest: 1", "a second document"),
    "laughter": (
        "a: &a [lol]\n" + "".join(f"{b}: &{b} [*{a},*{a}]\n" for a, b in pairwise("abcdefgh")),
        "the alias *a; write the value out",
    ),
    "an alias of itself": ("a: &a [*a]", "the alias *a"),
    "an alias as a key": ("*a : b", "the alias *a"),
    "a merge key": ("base: &b {a: 1}\nwasmtest: 1\n<<: *b", "the alias *b"),
    "a tag": ("wasmtest: !!int 1", "the tag"),
    "a Python object": ("wasmtest: !!python/object/apply:os.system [ls]", "the tag"),
    "a directive": ("%YAML 9.9\n---\na: 1", ""),
    "brackets": ("[" * 100_000, "nested deeper than 32 levels"),
    "braces": ("{a: " * 100_000, "nested deeper than 32 levels"),
    "dashes": ("- " * 100_000, "nested deeper than 32 levels"),
    "block nesting": ("\n".join(" " * i + "a:" for i in range(500)), "nested deeper than 32"),
    "too large": ("#" * (2 << 20), "the file has 2,097,152 bytes; at most 1,048,576"),
    "one long key": ("a" * 100_000 + ": 1", "a second ': ' in one line"),
    "many keys": ("\n".join(f"k{i}: 1" for i in range(20_000)), "unknown key 'k0'"),
    "many duplicates": ("wasmtest: 1\n" * 20_000, "duplicate key 'wasmtest'"),
    "a control character": ("wasmtest: 1\0", "the control character U+0000"),
    "an escape sequence": ("name: \x1b[2J", "the control character U+001B"),
    "bytes that are no text": ("\udcff\udcfe", "not UTF-8 text"),
    "a bare surrogate": ('name: "\\ud800"', ""),
    "an open quote": ('name: "a', "the file ends inside a quoted text"),
    "an open bracket": ("tests: [", ""),
    "a tab": ("tests:\n\t- a", "a value cannot begin with this character"),
    "two colons": ("name: a: b", "a second ': ' in one line"),
    "a map as a key": ("? {a: b}\n: c", "a map or list as a key"),
    "a huge number": ("wasmtest: " + "9" * 5000, "expected 1"),
    "infinity": ("wasmtest: .inf", "expected 1, not '.inf'"),
    "a float": ("wasmtest: 1.0", "missing key 'tests'"),
    "no tests": ("wasmtest: 1\ntests: []", "a file without tests tests nothing"),
    "a look-ahead": (TEST + "expect: {logs: [{search: '(?=a)'}]}", "not a regular expression"),
    "a back-reference": (TEST + "expect: {logs: [{search: '(a)\\1'}]}", "not a regular expression"),
    "a repetition bomb": (
        TEST + "expect: {logs: [{regex: '((a{1000}){1000}){1000}'}]}",
        "not a regular expression",
    ),
    "a long expression": (
        TEST + f"expect: {{logs: [{{search: '{'(a|b)' * 100_000}'}}]}}",
        "not a regular expression: too large: ",
    ),
    "open groups": (
        TEST + f"expect: {{logs: [{{search: '{'(' * 100_000}'}}]}}",
        "not a regular expression",
    ),
    "include leads out": (TEST + "x: 1\ninclude: [../secret.yaml]", "leads out of"),
    "include is absolute": (TEST + "x: 1\ninclude: [/etc/passwd]", "leads out of"),
    "include is a link": (TEST + "x: 1\ninclude: [link]", "leads out of"),
    "include is a pipe": (TEST + "x: 1\ninclude: [pipe]", "'pipe' is not a file"),
    "include is a device": (TEST + "x: 1\ninclude: [/dev/zero]", "leads out of"),
    "include is a folder": (TEST + "x: 1\ninclude: [.]", "'.' is not a file"),
    "include is missing": (TEST + "x: 1\ninclude: [none.yaml]", "no file 'none.yaml'"),
    "include of itself": (
        "wasmtest: 1\ninclude: [a.wasmtest.yaml]\ntests: []",
        "cannot be included",
    ),
    "include is huge": (
        "wasmtest: 1\ninclude: [huge]\ntests: []",
        "has more than 16,777,216 bytes",
    ),
    "include of many": (
        f"wasmtest: 1\ninclude: {['a'] * 51}\ntests: []",
        "at most 50 are included",
    ),
    "a file leads out": (TEST + "request: {body: {file: ../secret.yaml}}", "leads out of"),
    "a file is a link": (TEST + "request: {body: {file: link}}", "leads out of"),
    "a file is a pipe": (TEST + "request: {body: {file: pipe}}", "is not a file"),
    "a file is a device": (TEST + "request: {body: {file: /dev/stdin}}", "leads out of"),
    "a file is a process": (TEST + "request: {body: {file: /proc/self/mem}}", "leads out of"),
    "a file is missing": (TEST + "request: {body: {file: none}}", "no file 'none'"),
    "a file is huge": (TEST + "request: {body: {file: huge}}", "has more than 16,777,216 bytes"),
    "a file has a NUL": (TEST + 'request: {body: {file: "a\\0"}}', "cannot be read"),
    "an expected file leads out": (
        TEST + "expect: {client: {body: {file: ../secret.yaml}}}",
        "leads out of",
    ),
    "a filled body is huge": (
        TEST + "request: {body: {fill: a, size: 99999999999999}}",
        "expected a whole number from 0 to 16,777,216",
    ),
    "a body in many chunks": (
        TEST + "request: {body: {fill: a, size: 9999999, split: {size: 1}}}",
        "9,999,999 chunks; at most 10,000 are sent",
    ),
    "a body cut at nothing": (
        TEST + "request: {body: {text: a, split: {}}}",
        "expected a map with",
    ),
    "a body cut twice": (
        TEST + "request: {body: {text: a, split: {size: 1, count: 1}}}",
        "expected a map with one of",
    ),
    "a huge matrix": (
        TEST + f"matrix: {{{', '.join(f'm{i}: [1, 2]' for i in range(60))}}}",
        "tests; at most 10,000 are run",
    ),
    "doubling texts": (
        "vars:\n  a0: xxxxxxxx\n"
        + "".join(f"  a{i + 1}: '${{a{i}}}${{a{i}}}'\n" for i in range(60)),
        "the file becomes too large",
    ),
    "doubling lists": (
        "vars:\n  a0: [x]\n"
        + "".join(f"  a{i + 1}: ['${{a{i}}}', '${{a{i}}}']\n" for i in range(60)),
        "the file becomes too large",
    ),
    "a placeholder of itself": ("vars: {a: '${a}'}", "unknown placeholder ${a}"),
    "endless repetition": (
        TEST + "steps: [repeat: {times: 1000000000, steps: [http: {}]}]",
        "expected a whole number from 1 to 1,000",
    ),
    "steps beside expect": (
        TEST + "steps: [http: {}]\n    expect: {client: never}",
        "is of no use",
    ),
    "no step": (TEST + "steps: []", "expected at least one step"),
    "two things in a step": (
        TEST + "steps: [{http: {}, expect: {client: never}}]",
        "a step does one thing",
    ),
    "an empty step": (TEST + "steps: [{}]", "a step does one thing"),
    "a header with a line break": (
        TEST + 'request: {headers: {a: "b\\r\\nc: d"}}',
        "a field value has no NUL and no line break",
    ),
    "a header that is a connection's": (
        TEST + "request: {headers: {transfer-encoding: chunked}}",
        "describes a connection",
    ),
    "a pseudo-header": (TEST + 'request: {headers: {":path": /}}', "has a key of its own"),
    "a path with a space": (TEST + "request: '/a HTTP/1.1'", "is not a path"),
    "an odd name": (TEST.replace("name: a", 'name: "\\e[2J"') + "expect: {}", "is not a name"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with files that no scenario may have, and a secret beside it."""
    (tmp_path / "secret.yaml").write_text("tests: []\n")
    found = tmp_path / "project"
    found.mkdir()
    (found / "link").symlink_to("../secret.yaml")
    os.mkfifo(found / "pipe")
    with (found / "huge").open("wb") as file:
        file.truncate(MAX_SIZE + 1)
    return found


def told(path: Path) -> list[str]:
    with pytest.raises(DefinitionError) as raised:
        suite.read_file(path)
    return [raised.value.message, *raised.value.details]


def broken(location: Location, value: object) -> str:
    whole = copy.deepcopy(WHOLE)
    inner: Any = whole
    for part in location[:-1]:
        inner = inner[part]
    inner[location[-1]] = value
    return json.dumps(whole, indent=1)


def test_there_are_two_hundred_of_them() -> None:
    assert len(MADE) + len(ATTACKS) >= 200


@pytest.mark.parametrize(
    ("location", "value"),
    MADE,
    ids=[f"{'.'.join(map(str, at))}={json.dumps(value)}" for at, value in MADE],
)
def test_a_value_of_the_wrong_type_is_told_at_its_place(
    folder: Path, location: Location, value: object
) -> None:
    path = folder / "a.wasmtest.yaml"
    text = broken(location, value)
    path.write_text(text)
    place = source.read(text.encode(), path).mark(location)

    lines = told(path)

    assert any(line.startswith(f"{path}:{place.line}:") for line in lines), lines


@pytest.mark.parametrize(("text", "message"), ATTACKS.values(), ids=ATTACKS.keys())
def test_what_hurts_other_readers_is_refused(folder: Path, text: str, message: str) -> None:
    path = folder / "a.wasmtest.yaml"
    path.write_bytes(text.encode(errors="surrogateescape"))

    lines = told(path)

    assert any(message in line for line in lines), lines
    assert all(line.startswith((f"{folder}/", "and ")) for line in lines)
    assert all(line.isprintable() for line in lines)
