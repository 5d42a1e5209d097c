"""The JSON Schema of scenario files, for editors: the models, and the grammar read by hand."""

import json
from typing import Any

from wasmctl.testing import bodies, logs, octets
from wasmctl.testing.grammar import IGNORE_CASE
from wasmctl.testing.operators import OPERATORS, Kind
from wasmctl.testing.scenario import DEFINITION, SuiteFile

_SCALAR = {"type": ["string", "number", "boolean"]}
_SCALAR_OR_ABSENT = {"type": ["string", "number", "boolean", "null"]}
_OCTETS = {
    "anyOf": [
        _SCALAR,
        *(
            {
                "type": "object",
                "properties": {encoding: _SCALAR},
                "required": [encoding],
                "additionalProperties": False,
            }
            for encoding in octets.ENCODINGS
        ),
    ]
}
_NAMES = {
    Kind.FIELD: "FieldMatcher",
    Kind.TEXT: "TextMatcher",
    Kind.BODY: "BodyMatcher",
    Kind.NUMBER: "NumberMatcher",
    Kind.METRIC: "MetricMatcher",
}


def json_schema() -> str:
    """Return the JSON Schema of a scenario file."""
    models = SuiteFile.model_json_schema()
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": models.pop("title"),
        **_tidy(models),
    }
    schema["$defs"] |= _definitions()
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _definitions() -> dict[str, Any]:
    matchers = {_NAMES[kind]: _matcher(kind) for kind in Kind}
    return {
        "Text": _SCALAR,
        "Octets": _OCTETS,
        "Fields": _fields(),
        "Body": _body(),
        **matchers,
        "FieldMatchers": {"type": "object", "additionalProperties": _reference("FieldMatcher")},
        "Logs": {"type": "array", "items": _log(logs.KEYS), "minItems": 1},
        "NoLogs": {
            "anyOf": [{"const": True}, {"type": "array", "items": _log(logs.KEYS[:-1])}],
        },
    }


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/$defs/{name}"}


def _matcher(kind: Kind) -> dict[str, Any]:
    forms: list[dict[str, Any]] = [_plain(kind), _operators(kind, {})]
    if kind is Kind.FIELD:
        forms.append({"type": "array", "items": _reference("TextMatcher")})
    return {"anyOf": forms}


def _plain(kind: Kind) -> dict[str, Any]:
    match kind:
        case Kind.NUMBER:
            return {"type": "number"}
        case Kind.METRIC:
            return {"type": ["number", "null"]}
        case Kind.TEXT:
            return _SCALAR
        case _:
            return _SCALAR_OR_ABSENT


def _operators(kind: Kind, others: dict[str, Any]) -> dict[str, Any]:
    properties = {
        name: {"description": operator.meaning, **_same_kind(operator.takes, kind)}
        for name, operator in OPERATORS.items()
        if kind in operator.kinds
    }
    if kind not in {Kind.NUMBER, Kind.METRIC}:
        properties[IGNORE_CASE] = {"type": "boolean"}
    return {
        "type": "object",
        "properties": {**others, **properties},
        "additionalProperties": False,
        "minProperties": 1,
    }


def _same_kind(takes: Any, kind: Kind) -> Any:  # noqa: ANN401 - a part of a JSON Schema
    if isinstance(takes, dict):
        if takes == {"$ref": "Same"}:
            return _reference(_NAMES[kind])
        return {key: _same_kind(value, kind) for key, value in takes.items()}
    return takes


def _fields() -> dict[str, Any]:
    value = _reference("Octets")
    pair = {"type": "array", "items": value, "minItems": 2, "maxItems": 2}
    forms = [{"type": "null"}, value, {"type": "array", "items": value}]
    return {
        "anyOf": [
            {"type": "object", "additionalProperties": {"anyOf": forms}},
            {"type": "array", "items": pair},
        ]
    }


def _body() -> dict[str, Any]:
    arguments = {name: {} if name == "json" else _reference("Octets") for name in bodies.FORMS}
    chunks = {"type": "array", "items": {"anyOf": [_SCALAR, _one_of(arguments)]}}
    return {"anyOf": [_SCALAR_OR_ABSENT, _one_of({**arguments, "chunks": chunks})]}


def _one_of(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }


def _log(keys: tuple[str, ...]) -> dict[str, Any]:
    level = {"enum": list(logs.LEVELS)}
    known = {
        "level": {"description": "The line's level.", **level},
        "at_least": {"description": "This level or one above.", **level},
        "times": {"description": "How many such lines.", **_reference("NumberMatcher")},
    }
    return {"anyOf": [_SCALAR, _operators(Kind.TEXT, {key: known[key] for key in keys})]}


def _tidy(part: Any) -> Any:  # noqa: ANN401 - a part of a JSON Schema
    """Put our definitions in their places; leave out what says nothing to an author.

    That is titles made of the keys, and null and defaults where a key can only be left out.
    """
    if isinstance(part, list):
        return [_tidy(item) for item in part if item != {"type": "null"}]
    if not isinstance(part, dict):
        return part
    if DEFINITION in part:
        described = {"description": part["description"]} if "description" in part else {}
        return described | _reference(part[DEFINITION])
    kept = {
        key: _tidy(value)
        for key, value in part.items()
        if key != "default" and not (key == "title" and isinstance(value, str))
    }
    alone = kept["anyOf"][0] if len(kept.get("anyOf", ())) == 1 else {}
    return {key: value for key, value in kept.items() if not (alone and key == "anyOf")} | alone
