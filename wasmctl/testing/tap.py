"""A report in the Test Anything Protocol, version 14."""

import json

from wasmctl.testing.report import Outcome, Report, Result


def as_tap(report: Report) -> bytes:
    """Return the file's bytes."""
    lines = ["TAP version 14", f"1..{len(report.results)}"]
    for number, result in enumerate(report.results, 1):
        lines += _lines(number, result)
    return ("\n".join(lines) + "\n").encode(errors="backslashreplace")


def _lines(number: int, result: Result) -> list[str]:
    word = "not ok" if result.outcome is Outcome.FAILED else "ok"
    name = _escaped(f"{result.file} [{result.target}] {result.name}")
    if result.outcome is Outcome.SKIPPED:
        return [f"{word} {number} - {name} # SKIP {_escaped(' '.join(result.messages))}".rstrip()]
    head = f"{word} {number} - {name}"
    return [head, *_diagnostics(result)] if result.outcome is Outcome.FAILED else [head]


def _diagnostics(result: Result) -> list[str]:
    """Return what was not as expected as a block of YAML; JSON's texts are YAML's."""
    said = [json.dumps(line) for line in (*result.messages, *result.evidence, *result.told_calls)]
    at = json.dumps(f"{result.file}:{result.line}")
    return ["  ---", f"  at: {at}", "  messages:", *(f"    - {line}" for line in said), "  ..."]


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("#", "\\#")
