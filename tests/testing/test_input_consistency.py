"""What cannot hold together among inputs and steps is told at its place."""

from pathlib import Path

import pytest

from wasmctl.testing import input_consistency, source

A = "{http: {request: {connection: a}}}"
ELSEWHERE = "{http: {request: {connection: a, source: 127.0.0.2}}}"
NEW = "{http: {request: {connection: new}}}, {http: {request: {connection: new, version: 1.1}}}"
HTTP = "- http: {id: a, request: /, until: paused}"


@pytest.mark.parametrize(
    ("test", "told"),
    [
        ("upstreams: {a: {fail: refused}}", None),
        ("upstreams: {a: {reply: 200, fail: reset, delay: 1s}}", None),
        ("upstreams: {a: {fail: refused, delay: 1s}}", "'delay' is of no use: no callout arrives"),
        ("upstreams: {a: {hold: true, reply: 200}}", "'reply' is of no use: with hold, a step"),
        ("upstreams: {a: {rules: [{hold: true, delay: 1s}]}}", "'delay' is of no use: with hold"),
        ("upstreams: {a: {rules: [{reply: 1}], fail: reset}}", "rules and fail: say it in a rule"),
        ("upstreams: {a: {rules: [{when: {status: 1}}]}}", "'status' is of no use: a callout is"),
        ("reply: {hold: true, status: 200}", "'status' is of no use: with hold, a step answers"),
        ("reply: {fail: refused, body: x}", "'body' is of no use: no request arrives (refused)"),
        ("plugins: [{name: a}, {name: a}]", "another plugin has the name 'a' too"),
        ("plugins: [{name: plugin-2}, {}]", "another plugin has the name 'plugin-2' too"),
        ("plugins: [{}]\n    config: x", "'config' is of no use: the test has several plugins"),
        ("plugin: {fail_open: true, fail_policy: open}", "fail_open and fail_policy: Envoy takes"),
        ("plugin: {capabilities: {}}", "expected either allow or deny"),
        (f"steps:\n    {HTTP}\n    - http: {{id: a}}\n    - cancel: a", None),
        ("steps: [{cancel: a}]", "no stream 'a' has begun before; there are none"),
        (f"steps:\n    {HTTP}\n    - http: {{id: b}}", "no stream 'b' has begun before; known are"),
        (f"steps:\n    {HTTP}\n    - http: {{id: a, reply: 200}}", "'reply' is of no use: it is s"),
        ("steps: [{http: {request: /, until: paused}}]", "a stream that goes on later needs an id"),
        ("steps: [{answer: {reply: 200}}]", "expected either callout or stream: what is answered"),
        ("steps: [{answer: {callout: {to: b}}}]", "no upstream is called 'b'; known are known"),
        ("steps: [{answer: {stream: b}}]", "no stream 'b' has begun before"),
        ("steps: [{reconfigure: {config: a, config_file: b}}]", "config and config_file: one of"),
        ("steps: [{reconfigure: {}}]", "expected a config or a config_file"),
        (
            "plugins: [{}, {name: b}]\n    steps: [{reconfigure: {config: a}}]",
            "expected which plug",
        ),
        ("steps: [{set: {}}]", "nothing is set: name shared_data"),
        ("steps: [{repeat: {steps: [{cancel: a}]}}]", "no stream 'a' has begun before"),
        (f"steps: [{A}, {A}, {{http: {{request: {{connection: b, version: 1.1}}}}}}]", None),
        (f"before: [{A}]\n    request: {{connection: a, source: 127.0.0.2}}", "another request on"),
        (
            f"before: [{A}]\n    request: {{connection: a, version: 1.1}}",
            "another request on conne",
        ),
        (
            f"steps: [{A}, {{repeat: {{steps: [{ELSEWHERE}]}}}}]",
            "another request on connection 'a' comes from 127.0.0.1; it has one address",
        ),
        (f"steps: [{NEW}]", None),
        (
            "steps: [{http: {times: 2, request: {connection: a, version: 1.1}}}]",
            "connection 'a' is of version 1.1, which carries one request at a time",
        ),
        ("steps: [{http: {times: 2, request: {version: 1.1}}}]", None),
        (
            "steps: [{http: {times: 2, id: a, request: /}}]",
            "'id' is of no use: with times, the step",
        ),
        (
            "steps: [{http: {times: 2, until: done, request: /}}]",
            "'until' is of no use: with times, the step is over when all are answered",
        ),
        (
            "before: [{http: {reply: {version: 1.1}}}]\n    reply: {status: 200}",
            "another reply of this test is of version",
        ),
    ],
)
def test_what_contradicts_itself_is_told(test: str, told: str | None) -> None:
    text = f"upstreams: {{known: {{reply: 200}}}}\ntests:\n  - name: a\n    {test}\n"
    document = source.read(text.encode(), Path("a.wasmtest.yaml"))

    wrongs = list(input_consistency.check(document.value))

    assert [wrong.message[: len(told or "")] for wrong in wrongs] == ([told] if told else [])
    for wrong in wrongs:
        assert document.mark(wrong.at).line > 2


@pytest.mark.parametrize(
    ("request_of_test", "line"),
    [("{connection: a, version: 1.1}", 0), ("{connection: a, version: 2}", 6), ("/", 0)],
)
def test_a_connection_may_be_named_by_default(request_of_test: str, line: int) -> None:
    text = f"""\
defaults: {{request: {{connection: a, version: 1.1}}}}
tests:
  - name: a
    before:
      - http: {{}}
    request: {request_of_test}
"""
    document = source.read(text.encode(), Path("a.wasmtest.yaml"))

    wrongs = list(input_consistency.check(document.value))

    told = ["another request on connection 'a' is of version 1.1; it speaks one"]
    assert [wrong.message for wrong in wrongs] == (told if line else [])
    assert [document.mark(wrong.at).line for wrong in wrongs] == ([line] if line else [])
