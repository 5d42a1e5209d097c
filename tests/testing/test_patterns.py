import pytest

from wasmctl.testing.patterns import PatternError, compile_pattern


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("a.c", "abc"),
        (r"\d+", "12"),
        ("(?i)abc", "ABC"),
        ("(?P<name>a)", "a"),
        ("(?:a|b)*", "abba"),
        ("[]$]+", "]$"),
        (r"a\$", "a$"),
        ("a{2}", "aa"),
        ("(?s)a.b", "a\nb"),
        ("(?m)a$\n", "a\n"),
    ],
)
def test_what_re2_and_python_share_is_understood(pattern: str, text: str) -> None:
    assert compile_pattern(pattern).fullmatch(text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [(r"\d", "٣"), (r"\w", "é"), (".", "\n")],
)
def test_classes_are_as_narrow_as_in_re2(pattern: str, text: str) -> None:
    assert not compile_pattern(pattern).fullmatch(text)


def test_the_end_is_the_very_end_and_not_before_a_last_newline() -> None:
    assert compile_pattern("a$").search("ba")
    assert not compile_pattern("a$").search("ba\n")


def test_case_can_be_ignored() -> None:
    assert compile_pattern("abc", ignore_case=True).fullmatch("aBc")


@pytest.mark.parametrize(
    "pattern",
    [
        *("(?=a)", "(?!a)", "(?<=a)b", "(?<!a)b", r"(a)\1", "(?P<n>a)(?P=n)", "(?>a)", "(?#a)"),
        *(
            "a*+",
            "a++",
            "a{,3}",
            "[[:alpha:]]",
            r"a\Z",
            "(?x)a",
            "(",
            "[a",
            r"\p{L}",
            "a{9999999999}",
        ),
    ],
)
def test_what_only_one_of_them_understands_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        compile_pattern(pattern)
