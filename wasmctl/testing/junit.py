"""A report as JUnit XML, in the form that CI systems read: a suite for each file and target."""

import re
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from wasmctl.testing.report import Outcome, Report, Result, by_suite

# What XML 1.0 (2.2) cannot hold, not even as a character reference.
_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_xml(report: Report) -> bytes:
    """Return the file's bytes."""
    root = ET.Element("testsuites", {"name": "wasmctl", **_counts(report.results)})
    for (file, target), results in by_suite(report.results).items():
        named = {"name": f"{file} [{target}]", **_counts(results)}
        suite = ET.SubElement(root, "testsuite", named)
        _properties(suite, report, target)
        for result in results:
            _case(suite, file, result)
    ET.indent(root)
    document: bytes = ET.tostring(root, "utf-8", xml_declaration=True)
    return document + b"\n"


def _counts(results: Sequence[Result]) -> dict[str, str]:
    outcomes = [result.outcome for result in results]
    return {
        "tests": str(len(results)),
        "failures": str(outcomes.count(Outcome.FAILED)),
        "errors": "0",
        "skipped": str(outcomes.count(Outcome.SKIPPED)),
        "time": _seconds(sum(result.duration_ms for result in results)),
    }


def _seconds(milliseconds: float) -> str:
    return f"{milliseconds / 1000:.6f}"


def _properties(suite: ET.Element, report: Report, target: str) -> None:
    properties = ET.SubElement(suite, "properties")
    named = [("target", target)]
    for plugin in report.plugins:
        named += [("plugin", f"{plugin.path} {plugin.digest} ABI {plugin.abi}")]
    for name, value in named:
        ET.SubElement(properties, "property", name=name, value=_clean(value))


def _case(suite: ET.Element, file: Path, result: Result) -> None:
    case = ET.SubElement(
        suite,
        "testcase",
        classname=f"{file}.{result.target}",
        name=_clean(result.name),
        file=str(file),
        line=str(result.line),
        time=_seconds(result.duration_ms),
    )
    first = _clean(result.messages[0]) if result.messages else ""
    if result.outcome is Outcome.SKIPPED:
        ET.SubElement(case, "skipped", message=first)
    elif result.outcome is Outcome.FAILED:
        failure = ET.SubElement(case, "failure", message=first, type="mismatch")
        failure.text = _clean("\n".join((*result.messages, *result.evidence, *result.told_calls)))


def _clean(text: str) -> str:
    return _FORBIDDEN.sub(lambda found: f"\\x{ord(found[0]):02x}", text)
