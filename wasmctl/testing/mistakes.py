"""What is wrong with a scenario file as its author should read it: in words, by line and column."""

from collections.abc import Sequence
from typing import Any, get_args

from wasmctl import spelling
from wasmctl.testing.blame import Location, kind_of
from wasmctl.testing.forms import WRONG_KEY, WRONG_VALUE
from wasmctl.testing.scalars import is_text, text_of
from wasmctl.testing.scenario import SuiteFile
from wasmctl.testing.source import Document, Mistake

_EXPECTED = {
    "bool_type": "true or false",
    "dict_type": "a map",
    "model_type": "a map",
    "tuple_type": "a list",
}


def of(findings: Sequence[Any], document: Document) -> list[Mistake]:
    """Return pydantic's findings as mistakes of the document.

    A key that is missing because it is there misspelt is one mistake.
    """
    unknown = [found for found in findings if found["type"] == "extra_forbidden"]
    meant = {(*found["loc"][:-1], _nearest(found["loc"])) for found in unknown}
    told = [f for f in findings if f["type"] != "missing" or f["loc"] not in meant]
    return [_mistake(found, document) for found in told]


def _nearest(location: Location) -> str | None:
    return spelling.nearest(str(location[-1]), _known_keys(location[:-1]))


def _mistake(found: Any, document: Document) -> Mistake:  # noqa: ANN401 - pydantic's ErrorDetails
    location: Location = found["loc"]
    match found["type"]:
        case "extra_forbidden":
            words = spelling.unknown(str(location[-1]), _known_keys(location[:-1]))
            return Mistake(mark=document.key_mark(location), message=words)
        case kind if kind == WRONG_KEY:
            return Mistake(mark=document.key_mark(location), message=found["msg"])
        case _:
            return Mistake(mark=document.mark(location), message=_words(found))


def _words(found: Any) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    kind, value = found["type"], found["input"]
    if kind == WRONG_VALUE:
        return str(found["msg"])
    if kind == "missing":
        return f"missing key {str(found['loc'][-1])!r}"
    if kind in _EXPECTED:
        return f"expected {_EXPECTED[kind]}, not {kind_of(value)}"
    if kind == "literal_error":
        seen = repr(text_of(value)) if is_text(value) else kind_of(value)
        return f"expected {found['ctx']['expected']}, not {seen}"
    message: str = found["msg"]
    return message[:1].lower() + message[1:]


def _known_keys(location: Location) -> list[str]:
    table: Any = SuiteFile
    for part in location:
        if isinstance(part, str):
            table = _table_in(table.model_fields[part].annotation)
    return list(table.model_fields)


def _table_in(annotation: Any) -> Any:  # noqa: ANN401 - a type, or what annotates one
    """Return the table of keys that a field's type speaks of."""
    if hasattr(annotation, "model_fields"):
        return annotation
    inner = (_table_in(part) for part in get_args(annotation))
    return next((found for found in inner if found), None)
