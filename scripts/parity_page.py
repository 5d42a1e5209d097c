"""The page of parity with Envoy, made from the data of the suite that proves it."""

from collections.abc import Iterable, Mapping

from tests.conformance.cases import CASES
from tests.conformance.exceptions import EXCEPTIONS
from tests.conformance.hazards import MISTAKES
from tests.conformance.normalised import NORMALISATIONS
from tests.conformance.pending import PENDING
from tests.conformance.releases import DIFFERENCES, NEWEST, OLDER
from tests.conformance.rows import AREAS, ROWS, Area

_INTRODUCTION = """\
# Parity with Envoy

The embedded host promises to behave as Envoy does, call by call. This page says how far that is
proved. A *rule* is one thing that a host has to do; a *case* is one or more small plugins, the
requests that are sent through them, and the rules that this shows. Each case is played on the
embedded host and on a real Envoy, as a process, with HTTP/2 on both sides, and what the two show is
compared: Envoy's `wasm:trace` lines of the worker's VMs line by line, every number and pointer
included; what the plugins log; the requests that reach the origin and other upstreams; what the
client gets; the metrics; why a module is refused. `tests/conformance/` holds all of it, and the
test fails where a case that is listed as equal is not, or one that is listed as different is equal.

Not part of it yet, because the host does not offer it: gRPC callouts beyond what is refused before
one begins, network plugins, access loggers, services, METADATA frames.
"""


_PLAYED = {case.area for case in CASES.values()}


def parity() -> str:
    """Return the page."""
    parts = (
        _INTRODUCTION,
        _figures(),
        _section("Not as Envoy", _NOT, EXCEPTIONS),
        _pending(),
        _section("Not compared", _UNCOMPARED, NORMALISATIONS, titles=True),
        _releases(),
        _mistakes(),
        _rules(),
    )
    return "\n".join(part for part in parts if part)


def _figures() -> str:
    releases = (NEWEST, *reversed(OLDER))
    head = " | ".join(f"equal on {release}" for release in releases)
    lines = [
        f"| area | rules | cases | {head} |",
        f"|---|---:|---:|{'---:|' * len(releases)}",
        *(_figures_of(area, releases) for area in AREAS if area.name in _PLAYED),
        _line("all", sum(row.area in _PLAYED for row in ROWS), list(CASES), releases),
    ]
    return "## Figures\n\n" + "\n".join(lines) + "\n"


def _figures_of(area: Area, releases: Iterable[str]) -> str:
    rules = sum(row.area == area.name for row in ROWS)
    names = [name for name, case in CASES.items() if case.area == area.name]
    return _line(area.title, rules, names, releases)


def _line(title: str, rules: int, names: list[str], releases: Iterable[str]) -> str:
    equal = (sum(_is_equal(name, release) for name in names) for release in releases)
    return f"| {title} | {rules} | {len(names)} | {' | '.join(map(str, equal))} |"


def _is_equal(name: str, release: str) -> bool:
    return not any(name in each for each in (PENDING, EXCEPTIONS, DIFFERENCES.get(release, {})))


_NOT = "In these cases the host is not as Envoy and will not be:"
_UNCOMPARED = "What cannot be equal on two machines is taken out before the comparison:"


def _section(title: str, text: str, found: Mapping[str, str], *, titles: bool = False) -> str:
    if not found:
        return ""
    lines = (f"- {name if titles else f'`{name}`'}: {why}." for name, why in found.items())
    return f"## {title}\n\n{text}\n\n" + "\n".join(lines) + "\n"


def _pending() -> str:
    return _section("Not yet", "These the host does not play as Envoy does yet:", PENDING)


def _releases() -> str:
    parts = [
        "## Older releases\n\nThe host behaves as the newest release; older ones do not quite:\n"
    ]
    reasons: dict[tuple[str, str], list[str]] = {}
    for release, found in DIFFERENCES.items():
        for name, why in found.items():
            reasons.setdefault((release, why), []).append(f"`{name}`")
    by_reason: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (release, why), names in reasons.items():
        by_reason.setdefault((why, tuple(names)), []).append(release)
    parts += [
        f"- {', '.join(releases)}: {why} ({', '.join(names)})."
        for (why, names), releases in by_reason.items()
    ]
    return "\n".join(parts) + "\n"


_HURT = """\
## Mistakes of plugins that hurt Envoy

They cannot be compared: Envoy dies of them, or suffers. The host carries on and reports a hazard,
or does not load the module.
"""


def _mistakes() -> str:
    lines = [
        _HURT,
        "| mistake | Envoy | the host tells |",
        "|---|---|---|",
    ]
    for name, mistake in MISTAKES.items():
        told = "not yet" if name in PENDING else f"`{mistake.told}`"
        lines.append(f"| `{name}` | {mistake.harm} | {told} |")
    return "\n".join(lines) + "\n"


def _rules() -> str:
    return "## Rules\n\n" + "\n".join(map(_rules_of, AREAS))


def _rules_of(area: Area) -> str:
    lines = [f"### {area.title}\n", "| rule | | cases |", "|---|---|---|"]
    rows = (row for row in ROWS if row.area == area.name)
    lines += [f"| `{row.id}` | {row.rule} | {_cases_of(row.id)} |" for row in rows]
    return "\n".join(lines) + "\n"


def _cases_of(row: str) -> str:
    played = {**CASES, **{name: mistake.case for name, mistake in MISTAKES.items()}}
    return ", ".join(f"`{name}`" for name, case in played.items() if row in case.rows)
