"""What runs the commands of a build.

To add one: a module here with a class that fits Engine, and a line in ENGINES.
"""

from dataclasses import dataclass

from wasmctl import spelling
from wasmctl.build.engines.base import Engine, Order
from wasmctl.build.engines.local import LocalEngine
from wasmctl.errors import EnvironmentMissingError, UsageError

AUTO = "auto"


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """The engine that builds, and why it is that one."""

    engine: Engine
    reason: str
    instead_of: EnvironmentMissingError | None = None


def names() -> tuple[str, ...]:
    """Return the names of all engines; the order is that in which ``auto`` takes them."""
    return (LocalEngine.name, "container")


def engine(name: str) -> Engine:
    """Return the engine of that name. Raises UsageError where there is none."""
    if name not in names():
        raise UsageError(
            f"no build engine is called {name!r}", hint=spelling.suggestion(name, [AUTO, *names()])
        )
    if name == LocalEngine.name:
        return LocalEngine()
    # Imported when it is used: local builds must not pay for docker-py.
    from wasmctl.build.engines.container import ContainerEngine  # noqa: PLC0415

    return ContainerEngine()


def choose(name: str, order: Order) -> Chosen:
    """Return the engine of that name; ``auto`` is the first that nothing keeps from building.

    Raises UsageError where there is none of that name.
    """
    if name != AUTO:
        return Chosen(engine=engine(name), reason="as asked")
    local, container = map(engine, names())
    obstacle = local.obstacle(order)
    if obstacle is None:
        return Chosen(engine=local, reason="since the tools are on this machine")
    return Chosen(engine=container, reason=f"since {obstacle.message}", instead_of=obstacle)
