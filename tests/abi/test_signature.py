"""Signatures in short form and in words."""

import pytest

from wasmctl.abi.signature import Signature
from wasmctl.abi.types import WasmType


def test_letters_are_types_and_a_colon_parts_results() -> None:
    signature = Signature.parse("iIfF:iI")

    assert signature.parameters == tuple(WasmType)
    assert signature.results == (WasmType.I32, WasmType.I64)


@pytest.mark.parametrize(
    ("short", "words"), [(":", "() -> ()"), ("i:", "(i32) -> ()"), ("iI:F", "(i32 i64) -> (f64)")]
)
def test_a_signature_reads_as_in_the_text_format(short: str, words: str) -> None:
    assert str(Signature.parse(short)) == words


def test_an_unknown_letter_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        Signature.parse("x:")
