import pytest

from wasmctl.abi.types import LogLevel
from wasmctl.records import LogLine
from wasmctl.testing import logs
from wasmctl.testing.blame import Blame
from wasmctl.testing.logs import LogMatcher
from wasmctl.testing.scalars import Value


def read(written: Value) -> LogMatcher:
    blame = Blame()
    (matcher,) = logs.read_list([written], blame, counted=True)
    assert not blame.wrongs
    return matcher


def line(text: str = "hello", level: LogLevel = LogLevel.INFO) -> LogLine:
    return LogLine(level=level, text=text)


def test_a_text_is_the_whole_line_of_any_level() -> None:
    matcher = read("hello")

    assert matcher.matches(line())
    assert not matcher.matches(line("hello world"))


def test_a_level_is_that_level_only() -> None:
    matcher = read({"level": "warn"})

    assert matcher.matches(line(level=LogLevel.WARN))
    assert not matcher.matches(line(level=LogLevel.ERROR))


def test_at_least_is_a_level_and_those_above() -> None:
    matcher = read({"at_least": "warn"})

    assert matcher.matches(line(level=LogLevel.CRITICAL))
    assert not matcher.matches(line(level=LogLevel.INFO))


def test_level_and_text_must_both_hold() -> None:
    matcher = read({"level": "info", "contains": "ell"})

    assert matcher.matches(line())
    assert not matcher.matches(line("other"))
    assert not matcher.matches(line(level=LogLevel.DEBUG))


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("a", '"a"'),
        ({"level": "info"}, "level info"),
        (
            {"at_least": "warn", "search": "b"},
            "level ≥ warn, a text in which is found /b/",
        ),
        ({"times": 2}, "any"),
    ],
)
def test_a_matcher_says_what_it_means(written: Value, words: str) -> None:
    assert read(written).words == words


@pytest.mark.parametrize(
    ("written", "at", "message"),
    [
        ("a", (), "expected a list with at least one log matcher, not a text"),
        ([], (), "expected a list with at least one log matcher, not an empty list"),
        ([{}], (0,), "an empty log matcher; name a level or an operator"),
        ([{"levl": "info"}], (0, "levl"), "unknown key 'levl'; did you mean 'level'?"),
        ([{"level": "warning"}], (0, "level"), "unknown log level 'warning'; did you mean 'warn'?"),
        ([{"at_least": 3}], (0, "at_least"), "unknown log level '3'; known are trace, debug"),
        ([{"times": "two"}], (0, "times"), "expected a number, not a text"),
        (["a", {"regex": "("}], (1, "regex"), "not a regular expression"),
        ([None], (0,), "expected a text, not nothing"),
    ],
)
def test_a_slip_is_one_mistake_with_its_place(
    written: Value, at: tuple[str | int, ...], message: str
) -> None:
    blame = Blame()

    logs.read_list(written, blame, counted=True)

    assert [wrong.at for wrong in blame.wrongs] == [at]
    assert blame.wrongs[0].message.startswith(message)


def test_lines_that_must_not_be_there_are_not_counted() -> None:
    blame = Blame()

    logs.read_list([{"contains": "a", "times": 1}], blame, counted=False)

    assert blame.wrongs[0].message.startswith("unknown key 'times'")
