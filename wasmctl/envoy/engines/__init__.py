"""What runs an Envoy.

To add one: a module here with a function that makes an Engine of a Choice, and a line in ENGINES.
"""

from collections.abc import Callable, Iterable

from wasmctl import spelling
from wasmctl.envoy.engines.base import Choice, Engine
from wasmctl.errors import EnvironmentMissingError, UsageError

AUTO = "auto"


# An engine is imported when it is used: the one must not pay for what the other needs.
def _process(choice: Choice) -> Engine:
    from wasmctl.envoy.engines.process import ProcessEngine  # noqa: PLC0415

    return ProcessEngine.of(choice)


def _container(choice: Choice) -> Engine:
    from wasmctl.envoy.engines.container import ContainerEngine  # noqa: PLC0415

    return ContainerEngine.of(choice)


# Each raises EnvironmentMissingError where this machine lacks what it needs. The order is that in
# which ``auto`` asks them.
ENGINES: dict[str, Callable[[Choice], Engine]] = {
    "process": _process,
    "container": _container,
}


def choose(name: str = AUTO, choice: Choice | None = None) -> Engine:
    """Return the engine of that name; ``auto`` is the first that can run what is wanted.

    Raises UsageError where there is none of that name, EnvironmentMissingError where it lacks
    what it needs; for ``auto`` what the first one lacks.
    """
    choice = choice or Choice()
    if name == AUTO:
        return _first(choice)
    if name not in ENGINES:
        raise UsageError(
            f"no engine for Envoy is called {name!r}",
            hint=spelling.suggestion(name, [AUTO, *ENGINES]),
        )
    return ENGINES[name](choice)


def _first(choice: Choice) -> Engine:
    lacking = []
    for name in _fitting(choice):
        try:
            return ENGINES[name](choice)
        except EnvironmentMissingError as error:
            lacking.append(error)
    raise lacking[0]


def _fitting(choice: Choice) -> Iterable[str]:
    """Return the engines for which what is named has a meaning."""
    if choice.path:
        return ("process",)
    return ("container",) if choice.image else ENGINES
