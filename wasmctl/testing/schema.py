"""The JSON Schema of scenario files, for editors: the models, and the grammar read by hand."""

import json
from typing import Any

from wasmctl.records import TrapKind
from wasmctl.testing import bodies, expectation_readers, logs, octets, words
from wasmctl.testing.forms import DEFINITION
from wasmctl.testing.grammar import IGNORE_CASE
from wasmctl.testing.load_errors import LoadErrorKind
from wasmctl.testing.operators import OPERATORS, Kind
from wasmctl.testing.placeholders import NAME
from wasmctl.testing.scenario import SuiteFile

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
_PLACEHOLDER = {"type": "string", "pattern": rf"^\$\{{{NAME}\}}$"}
# These make placeholders, or are looked at before any is filled.
_NEVER_FILLED = frozenset(
    {"wasmtest", "include", "vars", "cases", "matrix", "tests", "before_each"}
)
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
    schema = _with_placeholders(schema)
    schema["$defs"]["Placeholder"] = _PLACEHOLDER
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _definitions() -> dict[str, Any]:
    matchers = {_NAMES[kind]: _matcher(kind) for kind in Kind}
    return {
        "Text": _SCALAR,
        "Octets": _OCTETS,
        "Fields": _fields(),
        "Properties": _properties(),
        "Body": _body(),
        **matchers,
        "FieldMatchers": {"type": "object", "additionalProperties": _reference("FieldMatcher")},
        "Logs": {"type": "array", "items": _log(logs.KEYS), "minItems": 1},
        "NoLogs": {
            "anyOf": [{"const": True}, {"type": "array", "items": _log(logs.KEYS[:-1])}],
        },
        "LogsInOrder": {"type": "array", "items": _log(logs.KEYS[:-1]), "minItems": 1},
        **_inside(),
    }


def _inside() -> dict[str, Any]:
    """Return what is expected of how a plugin starts and ends, and of what is inside the host."""
    queue = [{"type": "null"}, {"type": "array", "items": _reference("TextMatcher")}]
    trap = {"kind": {"enum": [*TrapKind]}, "callback": {"enum": [*words.callbacks()]}}
    hostcalls = {name: _reference("NumberMatcher") for name in expectation_readers.HOSTCALL_NAMES}
    return {
        "Trap": {"anyOf": [{"enum": [True, False, *TrapKind]}, _map({}, trap)]},
        "LoadError": {
            "anyOf": [
                {"enum": [*LoadErrorKind]},
                _operators(Kind.TEXT, {"kind": {"enum": [*LoadErrorKind]}}),
            ]
        },
        "QueueMatchers": {
            "type": "object",
            "additionalProperties": {"anyOf": [*queue, _reference("NumberMatcher")]},
        },
        "Hazards": {
            "type": "array",
            "items": {"enum": [*expectation_readers.hazard_names()]},
            "minItems": 1,
        },
        "HostcallCounts": _map({}, hostcalls),
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


def _properties() -> dict[str, Any]:
    path = {"type": "array", "items": {"type": "string"}, "minItems": 1}
    value = {"type": ["string", "number", "boolean", "object", "array"]}
    return {"type": "array", "items": _map({"path": path, "value": value}, {})}


def _body() -> dict[str, Any]:
    whole = {"type": "integer", "minimum": 1}
    split = {
        "type": "object",
        "properties": {"count": whole, "size": whole, "at": {"type": "array", "items": whole}},
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }
    forms = {name: {} if name == "json" else _reference("Octets") for name in bodies.FORMS}
    filled = {bodies.FILL: _reference("Octets"), bodies.SIZE: {"type": "integer", "minimum": 0}}
    chunks = {"type": "array", "items": _pieces(forms, filled, {})}
    pieces = _pieces(forms, filled, {bodies.SPLIT: split})
    return {"anyOf": [{"type": "null"}, *pieces["anyOf"], _map({bodies.CHUNKS: chunks}, {})]}


def _pieces(
    forms: dict[str, Any], filled: dict[str, Any], beside: dict[str, Any]
) -> dict[str, Any]:
    """Return the ways to write bytes, one form in a map with what may stand beside it."""
    alone = [_map({name: takes}, beside) for name, takes in forms.items()]
    return {"anyOf": [_SCALAR, *alone, _map(filled, beside)]}


def _map(required: dict[str, Any], others: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {**required, **others},
        "required": list(required),
        "additionalProperties": False,
    }


def _log(keys: tuple[str, ...]) -> dict[str, Any]:
    level = {"enum": list(logs.LEVELS)}
    known = {
        "plugin": {"description": "Which of several plugins wrote it.", "type": "string"},
        "level": {"description": "The line's level.", **level},
        "at_least": {"description": "This level or one above.", **level},
        "times": {"description": "How many such lines.", **_reference("NumberMatcher")},
    }
    return {"anyOf": [_SCALAR, _operators(Kind.TEXT, {key: known[key] for key in keys})]}


def _with_placeholders(part: Any) -> Any:  # noqa: ANN401 - a part of a JSON Schema
    """Let a placeholder stand for every value that is not a text anyway."""
    if isinstance(part, list):
        return [_with_placeholders(item) for item in part]
    if not isinstance(part, dict):
        return part
    return {key: _filled(key, value) for key, value in part.items()}


def _filled(key: str, value: Any) -> Any:  # noqa: ANN401 - a part of a JSON Schema
    """Return what stands under a key of a schema; tables of names are no schemas themselves."""
    if isinstance(value, dict):
        if key in {"properties", "patternProperties"}:
            return {name: _or_placeholder(name, each) for name, each in value.items()}
        if key == "$defs":
            return {name: _with_placeholders(each) for name, each in value.items()}
        if key in {"items", "additionalProperties"}:
            return _or_placeholder("", value)
    return _with_placeholders(value)


def _or_placeholder(name: str, value: Any) -> Any:  # noqa: ANN401 - a part of a JSON Schema
    filled = _with_placeholders(value)
    if name in _NEVER_FILLED or value == {} or value.get("$ref") == "#/$defs/Text":
        return filled
    described = {"description": filled.pop("description")} if "description" in filled else {}
    return {**described, "anyOf": [filled, _reference("Placeholder")]}


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
