from dataclasses import replace
from xml.etree import ElementTree as ET

from tests.testing.test_report import FAILED, PASSED, REPORT
from wasmctl.testing import junit
from wasmctl.testing.report import Report, Result


def parsed(report: Report = REPORT) -> ET.Element:
    return ET.fromstring(junit.as_xml(report))  # noqa: S314 - our own file


def one(result: Result) -> ET.Element:
    case = parsed(replace(REPORT, results=(result,))).find(".//testcase")
    assert case is not None
    return case


def test_a_suite_stands_for_a_file_on_a_target_with_its_counts() -> None:
    suites = [suite.attrib for suite in parsed().findall("testsuite")]

    assert [suite["name"] for suite in suites] == [
        "tests/a.wasmtest.yaml [harness]",
        "tests/a.wasmtest.yaml [envoy]",
    ]
    assert suites[1] == {
        "name": "tests/a.wasmtest.yaml [envoy]",
        "tests": "2",
        "failures": "1",
        "errors": "0",
        "skipped": "1",
        "time": "0.000000",
    }


def test_the_whole_is_counted_too() -> None:
    assert parsed().attrib == {
        "name": "wasmctl",
        "tests": "3",
        "failures": "1",
        "errors": "0",
        "skipped": "1",
        "time": "0.001235",
    }


def test_a_passed_test_has_name_file_line_and_time() -> None:
    case = one(PASSED)

    assert case.attrib == {
        "classname": "tests/a.wasmtest.yaml.harness",
        "name": "one",
        "file": "tests/a.wasmtest.yaml",
        "line": "4",
        "time": "0.001235",
    }
    assert list(case) == []


def test_a_failed_test_says_all_there_is_to_say() -> None:
    failure = one(FAILED).find("failure")

    assert failure is not None
    assert failure.attrib["message"] == "client.status: expected 200, saw 503"
    assert failure.text == (
        "client.status: expected 200, saw 503\nnot seen here: logs\nlog: info …"
    )


def test_a_skipped_test_says_why() -> None:
    skipped = parsed().find(".//skipped")

    assert skipped is not None
    assert skipped.attrib == {"message": "runs on harness only"}


def test_the_module_is_named_in_every_suite() -> None:
    found = [item.attrib["value"] for item in parsed().findall(".//property[@name='plugin']")]

    assert found == ["p.wasm sha256:00 ABI 0.2.1"] * 2


def test_what_xml_cannot_hold_is_escaped() -> None:
    case = one(replace(PASSED, name="a\x1b\x00 \ud800 <b> & é"))

    assert case.attrib["name"] == r"a\x1b\x00 \xd800 <b> & é"
