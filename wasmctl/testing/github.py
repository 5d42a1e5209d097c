"""Failures as GitHub shows them beside the lines of a change: workflow commands."""

from collections.abc import Iterator

from wasmctl.testing.report import Outcome, Report, Result


def annotations(report: Report) -> Iterator[str]:
    """Return a line for each failure."""
    for result in report.results:
        if result.outcome is Outcome.FAILED:
            yield _annotation(result)


def _annotation(result: Result) -> str:
    title = _property(f"{result.name} [{result.target}]")
    message = _escaped("\n".join((*result.messages, *result.evidence, *result.told_calls)))
    return f"::error file={_property(str(result.file))},line={result.line},title={title}::{message}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
