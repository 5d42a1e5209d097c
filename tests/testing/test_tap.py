from tests.testing.test_report import REPORT
from wasmctl.testing import tap


def test_tap_has_a_line_for_each_test_and_says_why_one_failed() -> None:
    assert tap.as_tap(REPORT).decode().splitlines() == [
        "TAP version 14",
        "1..3",
        "ok 1 - tests/a.wasmtest.yaml [harness] one",
        "not ok 2 - tests/a.wasmtest.yaml [envoy] one",
        "  ---",
        '  at: "tests/a.wasmtest.yaml:4"',
        "  messages:",
        '    - "client.status: expected 200, saw 503"',
        '    - "not seen here: logs"',
        '    - "log: info \\u2026"',
        "  ...",
        "ok 3 - tests/a.wasmtest.yaml [envoy] two # SKIP runs on harness only",
    ]
