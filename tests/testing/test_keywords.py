import pytest

from wasmctl.errors import UsageError
from wasmctl.testing import keywords


@pytest.mark.parametrize(
    ("expression", "fits"),
    [
        ("cart", True),
        ("CART", True),
        ("car", True),
        ("shop", False),
        ("not shop", True),
        ("cart and slow", True),
        ("cart and shop", False),
        ("shop or slow", True),
        ("shop or cart and shop", False),
        ("(shop or cart) and slow", True),
        ("not (shop or cart)", False),
        ("not not cart", True),
        ("'a slow Cart'", True),
        ('"slow a"', False),
        ("'not'", False),
        ("'and' or cart", True),
    ],
)
def test_words_are_looked_for_in_any_case(expression: str, *, fits: bool) -> None:
    assert keywords.parse(expression)("a slow Cart") is fits


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("", "a word is missing"),
        ("and", "a word is missing"),
        ("cart and", "a word is missing"),
        ("cart or or slow", "a word is missing"),
        ("(cart", "a parenthesis without its end"),
        ("cart)", "'\\)' is not expected there"),
        ("cart slow", "'slow' is not expected there"),
        ("'cart", "a quote without its end"),
        ("(" * 100_000, "it is too long"),
        ("not " * 150 + "(" * 60, "it is too long"),
    ],
)
def test_what_is_no_expression_is_refused(expression: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        keywords.parse(expression)
