"""The JSON Schemas that editors use: generated from the models, and shipped."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped] # no types come with it

import wasmctl
from tests.testing.test_expect import FAILS, HOLDS
from wasmctl import project
from wasmctl.testing import schema, source

SCHEMAS = Path(wasmctl.__file__).parent / "schemas"
REMEDY = "run: make generate"


def errors(text: str, of: str) -> list[str]:
    value = source.read(text.encode(), Path("a.yaml")).value
    found = Draft202012Validator(json.loads(of)).iter_errors(value)
    return [error.message for error in found]


def scenario_errors(test: str) -> list[str]:
    return errors(f"wasmtest: 1\ntests: [{{name: a, {test}}}]", schema.json_schema())


@pytest.mark.parametrize(
    ("name", "generated"),
    [("project", project.json_schema()), ("scenario", schema.json_schema())],
    ids=["project", "scenario"],
)
def test_a_shipped_schema_is_what_the_code_says(name: str, generated: str) -> None:
    assert (SCHEMAS / f"{name}.json").read_text() == generated, REMEDY


@pytest.mark.parametrize("path", sorted(SCHEMAS.glob("*.json")), ids=lambda path: path.stem)
def test_a_schema_is_one(path: Path) -> None:
    content: Any = json.loads(path.read_text())

    Draft202012Validator.check_schema(content)


@pytest.mark.parametrize("expectation", [*HOLDS, *(fails[0] for fails in FAILS)])
def test_the_scenario_schema_knows_every_expectation(expectation: str) -> None:
    written = expectation if expectation.startswith("{") else f"{{{expectation}}}"

    assert scenario_errors(f"request: /, expect: {written}") == []


@pytest.mark.parametrize(
    "test",
    [
        "request: {path: /, headers: {a: [1, {hex: ff}], b: ~}, body: {json: {a: 1}}}, expect: {}",
        "request: {headers: [[a, b], [c, {base64: ''}]]}, reply: {body: {chunks: [a]}}, expect: {}",
        "plugin: {env: {A: 1}, config: [1]}, config: {a: 1}, targets: [envoy], expect: {}",
        "x-mine: {any: thing}, description: 1, expect: {x-yours: 1}",
        "tags: [a], skip: why, xfail: true, only: true, expect: {}",
        "vars: {a: 1}, cases: [{b: 2}], matrix: {c: [3]}, request: {path: /}, expect: {}",
        "reply: {status: '${s}'}, expect: {client: {status: '${s}', body: '${b}'}, trap: '${t}'}",
        "before: [{http: {request: /}}], steps: [{repeat: {times: 2, steps: [{expect: {}}]}}]",
        "steps: [{http: {expect: {upstream: [{path: /1}, {path: /2}]}}}]",
        "request: {body: {file: a, split: {size: 2}}}, expect: {client: {body: {file: a}}}",
        "request: {body: {fill: a, size: 3, split: {at: [1]}}}, expect: {}",
        "request: {body: {chunks: [a, {fill: a, size: 3}, {file: a}]}}, expect: {}",
    ],
)
def test_the_scenario_schema_knows_every_key(test: str) -> None:
    assert scenario_errors(test) == []


@pytest.mark.parametrize(
    "test",
    [
        "expct: {}",
        "request: {url: /}, expect: {}",
        "expect: {client: {headers: {a: {contians: b}}}}",
        "expect: {client: {status: ok}}",
        "expect: {client: nevr}",
        "expect: {logs: [{level: warning}]}",
        "expect: {trap: maybe}",
        "expect: {metrics: {a: {delt: 1}}}",
        "request: /",
        "tags: [a b], expect: {}",
        "cases: [], expect: {}",
        "matrix: {a: 1}, expect: {}",
        "steps: [{http: {url: /}}]",
        "steps: [{repeat: {times: 0, steps: [{expect: {}}]}}]",
        "request: {body: {fill: a}}, expect: {}",
        "request: {body: {text: a, split: {parts: 2}}}, expect: {}",
        "reply: {status: '${a} b'}, expect: {}",
    ],
)
def test_the_scenario_schema_refuses_what_is_wrong(test: str) -> None:
    assert scenario_errors(test)
