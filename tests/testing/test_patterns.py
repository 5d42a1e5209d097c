import pytest

from wasmctl.testing.patterns import PatternError, compile_pattern


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("a.c", "abc"),
        (r"\d+", "12"),
        ("(?i)abc", "ABC"),
        ("(?P<name>a)", "a"),
        ("[]$]+", "]$"),
        ("a{2}", "aa"),
        ("(?s)a.b", "a\nb"),
        ("(?m)a$\n", "a\n"),
        ("[[:xdigit:]]+", "fF0"),
        (r"\pL", "é"),
        ("a.é", "aéé"),
    ],
)
def test_expressions_mean_what_they_mean_to_re2(pattern: str, text: str) -> None:
    assert compile_pattern(pattern).matches(text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [(r"\d", "٣"), (r"\w", "é"), (".", "\n"), ("a", "ab"), (".", "\udcff")],
)
def test_what_re2_does_not_match_is_not_matched(pattern: str, text: str) -> None:
    assert not compile_pattern(pattern).matches(text)


def test_the_end_is_the_very_end_and_not_before_a_last_newline() -> None:
    assert compile_pattern("a$").is_in("ba")
    assert not compile_pattern("a$").is_in("ba\n")


def test_text_beside_bytes_that_are_none_is_found() -> None:
    assert compile_pattern("b+").is_in("\udcffbb")


def test_case_can_be_ignored() -> None:
    assert compile_pattern("abc", ignore_case=True).matches("aBc")


@pytest.mark.parametrize(
    "pattern",
    [
        *("(?=a)", "(?!a)", "(?<=a)b", r"(a)\1", "(?>a)", "(?#a)", "(?x)a"),
        *("a*+", "a{1001}", r"a\Z", "(", "[a", "((a{100}){100}){100}"),
    ],
)
def test_what_re2_refuses_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError, match=r"."):
        compile_pattern(pattern)


@pytest.mark.parametrize("pattern", ["(a*)*b", "(a|a)*b", "(a|aa)+b", "(.*)(.*)(.*)(.*)b"])
def test_expressions_that_explode_elsewhere_come_to_an_end(pattern: str) -> None:
    assert not compile_pattern(pattern).is_in("a" * 1_000_000)
