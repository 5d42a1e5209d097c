from dataclasses import replace

from tests.testing.test_report import FAILED, REPORT
from wasmctl.testing import github
from wasmctl.testing.report import Report


def test_each_failure_is_an_annotation_at_its_line() -> None:
    assert list(github.annotations(REPORT)) == [
        (
            "::error file=tests/a.wasmtest.yaml,line=4,title=one [envoy]::"
            "client.status: expected 200, saw 503%0Anot seen here: logs%0Alog: info …"
        )
    ]


def test_what_would_end_a_command_or_a_property_is_escaped() -> None:
    odd = replace(FAILED, name="a: b, 100%", notes=("two\r\nlines",), mismatches=(), evidence=())

    (line,) = github.annotations(Report(results=(odd,), plugins=()))

    assert line.endswith("title=a%3A b%2C 100%25 [envoy]::two%0D%0Alines")


def test_an_annotation_has_the_calls_between_host_and_plugin() -> None:
    traced = replace(FAILED, timeline=("plugin: proxy_on_configure()",))

    (line,) = github.annotations(Report(results=(traced,), plugins=()))

    assert line.endswith("%0Acalls between host and plugin:%0A  plugin: proxy_on_configure()")
