from wasmctl import spelling

KNOWN = ["request", "reply", "expect"]


def test_the_nearest_word_is_found() -> None:
    assert spelling.nearest("requst", KNOWN) == "request"


def test_a_word_that_is_near_to_none_has_no_nearest() -> None:
    assert spelling.nearest("zebra", KNOWN) is None


def test_an_unknown_key_is_told_with_the_nearest_one() -> None:
    assert spelling.unknown("expct", KNOWN) == "unknown key 'expct'; did you mean 'expect'?"


def test_an_unknown_key_near_to_none_is_told_with_all() -> None:
    assert spelling.unknown("zebra", KNOWN) == (
        "unknown key 'zebra'; known are expect, reply, request"
    )
