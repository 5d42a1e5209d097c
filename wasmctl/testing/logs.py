"""What a scenario says of the plugin's log: a text, or a matcher with level and times."""

from dataclasses import dataclass

from wasmctl import spelling
from wasmctl.abi.types import LogLevel
from wasmctl.records import LogLine
from wasmctl.testing import grammar, matchers
from wasmctl.testing.blame import Blame, Location, Wrong, kind_of, unknown_key
from wasmctl.testing.grammar import IGNORE_CASE
from wasmctl.testing.matchers import Matcher
from wasmctl.testing.operators import OPERATORS, Kind
from wasmctl.testing.scalars import Value

LEVELS = {level.name.lower(): level for level in LogLevel}
KEYS = ("plugin", "level", "at_least", "times")


@dataclass(frozen=True, kw_only=True)
class LogMatcher:
    """What a log line must be, and how many such lines there must be (None: at least one).

    Attributes:
        plugin: the name of the one that must have written it.

    """

    plugin: str | None = None
    text: Matcher | None = None
    level: LogLevel | None = None
    at_least: LogLevel | None = None
    times: Matcher | None = None

    @property
    def words(self) -> str:
        """What a line must be, in the order in which a log shows it."""
        said = (
            f"of {self.plugin}" if self.plugin is not None else "",
            f"level {self.level.name.lower()}" if self.level is not None else "",
            f"level ≥ {self.at_least.name.lower()}" if self.at_least is not None else "",
            self.text.words if self.text else "",
        )
        return ", ".join(part for part in said if part) or "any"

    def matches(self, line: LogLine) -> bool:
        """Tell whether a line is meant."""
        return (
            self.plugin in {None, line.plugin}
            and (self.level is None or line.level is self.level)
            and (self.at_least is None or line.level >= self.at_least)
            and (self.text is None or self.text.holds((line.text,)))
        )


def read_list(value: Value, blame: Blame, *, counted: bool) -> tuple[LogMatcher, ...]:
    """Read a list of log matchers; ``times`` only where lines are ``counted``."""
    if isinstance(value, list) and value:
        return tuple(_read(item, (i,), blame, counted=counted) for i, item in enumerate(value))
    message = f"expected a list with at least one log matcher, not {kind_of(value)}"
    blame.append(Wrong(at=(), message=message))
    return ()


def _read(value: Value, at: Location, blame: Blame, *, counted: bool) -> LogMatcher:
    if not isinstance(value, dict):
        return LogMatcher(text=grammar.read(value, Kind.TEXT, at, blame))
    if not value:
        blame.append(Wrong(at=at, message="an empty log matcher; name a level or an operator"))
    known = KEYS if counted else KEYS[:-1]
    rest = {key: item for key, item in value.items() if key not in known}
    for key in [key for key in rest if key not in (*OPERATORS, IGNORE_CASE)]:
        blame.append(unknown_key((*at, key), [*known, *OPERATORS]))
        del rest[key]
    operators = grammar.read_operators(rest, Kind.TEXT, at, blame) if rest else []
    return LogMatcher(
        plugin=_plugin(value, at, blame),
        text=matchers.all_of(operators) if operators else None,
        level=_level(value, "level", at, blame),
        at_least=_level(value, "at_least", at, blame),
        times=grammar.read(value["times"], Kind.NUMBER, (*at, "times"), blame)
        if "times" in value
        else None,
    )


def _plugin(written: dict[str, Value], at: Location, blame: Blame) -> str | None:
    name = written.get("plugin")
    if name is None or isinstance(name, str):
        return name
    message = f"expected the name of a plugin, not {kind_of(name)}"
    blame.append(Wrong(at=(*at, "plugin"), message=message))
    return None


def _level(written: dict[str, Value], key: str, at: Location, blame: Blame) -> LogLevel | None:
    if key not in written:
        return None
    word = written[key]
    if isinstance(word, str) and word in LEVELS:
        return LEVELS[word]
    near = spelling.nearest(str(word), LEVELS)
    known = f"did you mean {near!r}?" if near else f"known are {', '.join(LEVELS)}"
    blame.append(Wrong(at=(*at, key), message=f"unknown log level {str(word)!r}; {known}"))
    return None
