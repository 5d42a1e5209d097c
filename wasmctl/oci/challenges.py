"""What a registry asks for when it wants to know who is there.

Source: RFC 9110, 11.6.1 (WWW-Authenticate); Docker, "Token Authentication Specification".
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 - RFC 9110's word for a word
_PARAMETER = re.compile(rf'\s*({_TOKEN})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|({_TOKEN}))\s*(?:,|$)')
_SCHEME = re.compile(rf"\s*,?\s*({_TOKEN})(?:\s+|,|$)")


@dataclass(frozen=True, kw_only=True)
class Challenge:
    """One way to say who is there: its scheme and parameters, names in lower case."""

    scheme: str
    parameters: Mapping[str, str] = field(default_factory=dict)


def parse(header: str) -> list[Challenge]:
    """Read a WWW-Authenticate header, as far as it is one."""
    return list(_challenges(header))


def _challenges(header: str) -> Iterator[Challenge]:
    position = 0
    while scheme := _SCHEME.match(header, position):
        position, parameters = scheme.end(), {}
        while found := _PARAMETER.match(header, position):
            name, quoted, bare = found.groups()
            parameters[name.lower()] = bare or re.sub(r"\\(.)", r"\1", quoted or "")
            position = found.end()
        yield Challenge(scheme=scheme[1].lower(), parameters=parameters)
