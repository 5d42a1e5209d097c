"""Changes to a bootstrap configuration that users make: one value, or a whole patch. Pure."""

import copy
import json
import re
from typing import Any

from wasmctl.envoy.plugin_config import Json
from wasmctl.errors import DefinitionError, UsageError

_PART = re.compile(r"([^.\[\]]+)|\[([^\]]+)\]")


def patched(configuration: Json, patch: str, source: str) -> Json:
    """Apply a JSON Merge Patch (RFC 7396), read from ``source``.

    Raises DefinitionError where it is no JSON object.
    """
    try:
        read = json.loads(patch)
    except ValueError as error:
        raise DefinitionError(f"{source} is not JSON: {error}", hint="correct it there") from error
    if not isinstance(read, dict):
        raise DefinitionError(f"{source} holds no object", hint='write {"key": …}')
    merged: Json = _merged(copy.deepcopy(configuration), read)
    return merged


def _merged(target: Any, patch: Any) -> Any:  # noqa: ANN401 - JSON
    if not isinstance(patch, dict):
        return patch
    result = target if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = _merged(result.get(key), value)
    return result


def with_value(configuration: Json, assignment: str) -> Json:
    """Apply ``PATH=VALUE``: ``static_resources.clusters[echo].connect_timeout=1s``.

    A part in brackets is the place in a list, or the ``name`` of one of its entries; the value is
    JSON, else text. Raises UsageError where the path leads nowhere.
    """
    path, equals, value = assignment.partition("=")
    parts = [key or place for key, place in _PART.findall(path)]
    if not equals or not parts:
        raise _refused(assignment, "not of the form PATH=VALUE")
    result = copy.deepcopy(configuration)
    target: Any = result
    for part in parts[:-1]:
        target = _entry(target, part, assignment)
    _put(target, parts[-1], _read(value), assignment)
    return result


def _read(value: str) -> Any:  # noqa: ANN401 - JSON
    try:
        return json.loads(value)
    except ValueError:
        return value


def _entry(target: Any, part: str, assignment: str) -> Any:  # noqa: ANN401 - JSON
    if isinstance(target, list):
        return target[_place(target, part, assignment)]
    if isinstance(target, dict):
        return target.setdefault(part, {})
    raise _refused(assignment, f"there is nothing below {part}")


def _put(target: Any, part: str, value: Any, assignment: str) -> None:  # noqa: ANN401 - JSON
    if isinstance(target, list):
        target[_place(target, part, assignment)] = value
    elif isinstance(target, dict):
        target[part] = value
    else:
        raise _refused(assignment, f"there is no place for {part}")


def _place(entries: list[Any], part: str, assignment: str) -> int:
    names = [entry.get("name") for entry in entries if isinstance(entry, dict)]
    if part in names:
        return names.index(part)
    if part.isdigit() and int(part) < len(entries):
        return int(part)
    known = ", ".join(str(name) for name in names if name) or f"0 to {len(entries) - 1}"
    raise _refused(assignment, f"no entry {part!r} there; there is {known}")


def _refused(assignment: str, why: str) -> UsageError:
    return UsageError(
        f"--set {assignment}: {why}", hint="see what there is: wasmctl run --print-config"
    )
