"""The one grammar of matchers: what is written in a scenario becomes a Matcher.

A scalar means equals; ``~`` means absent; a list means repeated values in order; a map names
operators, all of which must hold.
"""

from wasmctl.testing import matchers
from wasmctl.testing.blame import Blame, Location, Wrong, kind_of, unknown_key
from wasmctl.testing.matchers import Matcher
from wasmctl.testing.operators import NUMERIC, OPERATORS, Argument, Kind, equals
from wasmctl.testing.scalars import Value

# What `~` means, where it means anything. Envoy keeps one set of metrics for all tests of a file,
# so a metric that a test never touched may be there with 0 added.
_NOTHING: dict[Kind, Matcher] = {
    Kind.FIELD: matchers.absent(),
    Kind.BODY: matchers.equals(""),
    Kind.METRIC: Matcher(words="no such metric, or 0", holds=lambda seen: seen in {(), ("0",)}),
}

# Not an operator: it changes how the others in its map compare.
IGNORE_CASE = "ignore_case"


def read(value: Value, kind: Kind, at: Location, blame: Blame) -> Matcher:
    """Read a matcher; mistakes are noted in ``blame``."""
    if isinstance(value, dict):
        return matchers.all_of(read_operators(value, kind, at, blame))
    if isinstance(value, list) and kind is Kind.FIELD:
        items = enumerate(value)
        return matchers.listed([read(item, Kind.TEXT, (*at, i), blame) for i, item in items])
    if value is None and kind in _NOTHING:
        return _NOTHING[kind]
    return equals(_argument(value, kind, at, blame))


def read_operators(
    written: dict[str, Value], kind: Kind, at: Location, blame: Blame
) -> list[Matcher]:
    """Read a map of operators, at least one."""
    known = {name: op for name, op in OPERATORS.items() if kind in op.kinds}
    modifiers = [] if kind in NUMERIC else [IGNORE_CASE]
    ignore_case = _ignore_case(written, at, blame)
    found: list[Matcher] = []
    for name, value in written.items():
        if name in known:
            argument = _argument(value, kind, (*at, name), blame, ignore_case=ignore_case)
            found.append(known[name].build(argument))
        elif name not in modifiers:
            blame.append(unknown_key((*at, name), [*known, *modifiers]))
    if written.keys() <= {IGNORE_CASE}:
        blame.append(Wrong(at=at, message="a matcher without an operator matches nothing"))
    return found


def _argument(
    value: Value, kind: Kind, at: Location, blame: Blame, *, ignore_case: bool = False
) -> Argument:
    return Argument(
        value=value,
        at=at,
        kind=kind,
        ignore_case=ignore_case,
        blame=blame,
        read_matcher=read,
    )


def _ignore_case(written: dict[str, Value], at: Location, blame: Blame) -> bool:
    value = written.get(IGNORE_CASE, False)
    if not isinstance(value, bool):
        message = f"expected true or false, not {kind_of(value)}"
        blame.append(Wrong(at=(*at, IGNORE_CASE), message=message))
    return value is True
