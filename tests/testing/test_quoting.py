from wasmctl.testing.octets import as_text
from wasmctl.testing.quoting import apart, quoted


def test_what_cannot_be_seen_is_escaped() -> None:
    assert quoted('a"b\\c\n\r\t\x1b') == r'"a\"b\\c\n\r\t\u001b"'


def test_bytes_that_are_no_text_are_shown_as_bytes() -> None:
    assert quoted(as_text(b"\xff\xc3\xa9")) == r'"\xffé"'


def test_a_long_text_is_cut_and_its_size_told() -> None:
    shown = quoted("é" * 1000)

    assert shown == f'"{"é" * 160}"… (2,000 bytes)'


def test_two_long_texts_are_cut_to_where_they_part() -> None:
    same = "x" * 5000

    expected, seen = apart(same + "A", same + "B")

    assert expected == f'…"{"x" * 40}A" (5,001 bytes)'
    assert seen == f'…"{"x" * 40}B" (5,001 bytes)'


def test_of_two_texts_one_may_be_the_beginning_of_the_other() -> None:
    assert apart("ab", "abc") == ('"ab"', '"abc"')
