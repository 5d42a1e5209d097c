"""All that is found about a module, over the proxies it is meant for."""

import dataclasses
from collections.abc import Iterable, Iterator, Sequence

from wasmctl.errors import CheckFailedError
from wasmctl.module import Module
from wasmctl.profiles import host_rules, module_rules
from wasmctl.profiles.findings import Finding, Level
from wasmctl.profiles.profile import Profile

_ORDER = list(Level)


def check(
    module: Module, profiles: Sequence[Profile], *, max_size: int | None = None
) -> tuple[Finding, ...]:
    """Return what is found, the worst first; what several proxies share is one finding."""
    everywhere = module_rules.findings(module, max_size)
    return in_order([*everywhere, *_merged(module, profiles)])


def in_order(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings, the worst first."""
    return tuple(sorted(found, key=lambda finding: _ORDER.index(finding.level)))


def _merged(module: Module, profiles: Iterable[Profile]) -> Iterator[Finding]:
    hosts: dict[Finding, list[str]] = {}
    for profile in profiles:
        # Go's runtime imports a function twice; one finding says it.
        for finding in dict.fromkeys(host_rules.findings(module, profile)):
            hosts.setdefault(finding, []).append(profile.name)
    return (dataclasses.replace(each, hosts=tuple(names)) for each, names in hosts.items())


def fail(findings: Iterable[Finding], at: Level) -> None:
    """Raise CheckFailedError if a finding is as bad as ``at``, or worse."""
    bad = [each for each in findings if _ORDER.index(each.level) <= _ORDER.index(at)]
    if bad:
        count = "1 finding" if len(bad) == 1 else f"{len(bad)} findings"
        raise CheckFailedError(
            f"{count} at the level {at} or above", hint="each says what to do, above"
        )
