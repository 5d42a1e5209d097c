"""What cannot hold together in a scenario file, though each key alone is right.

It is read from the file's plain values, so that these mistakes are told together with all others,
whatever else is wrong.
"""

from collections.abc import Iterator

from wasmctl import spelling
from wasmctl.testing import input_consistency
from wasmctl.testing.blame import Location, Wrong
from wasmctl.testing.scalars import Value
from wasmctl.testing.scenario import Test
from wasmctl.testing.step_models import Step

# What only a plugin that started, and got a request, can bring about.
_OF_EXCHANGES = ("upstream", "client", "local_response", "paused_at")

# Keys that say that there is nothing, and those that say the contrary.
_NOTHING = {
    "no_logs": ("logs", "logs_in_order"),
    "no_callouts": ("callouts", "only_callouts"),
}


def check(written: dict[str, Value]) -> Iterator[Wrong]:
    """Find what contradicts itself."""
    yield from input_consistency.check(written)
    yield from _plugin(written, ("plugin",))
    tests = written.get("tests")
    if tests == []:
        yield Wrong(at=("tests",), message="a file without tests tests nothing")
    names: dict[str, int] = {}
    for index, test in enumerate(tests if isinstance(tests, list) else []):
        if isinstance(test, dict):
            yield from _name(test, index, names)
            yield from _test(test, ("tests", index))


def _name(test: dict[str, Value], index: int, names: dict[str, int]) -> Iterator[Wrong]:
    name = str(test.get("name"))
    if "name" in test and names.setdefault(name, index) != index:
        yield Wrong(at=("tests", index, "name"), message=f"another test has the name {name!r} too")


def _test(test: dict[str, Value], at: Location) -> Iterator[Wrong]:
    yield from _plugin(test, (*at, "plugin"))
    plugin, expect = test.get("plugin"), test.get("expect")
    if "config" in test and isinstance(plugin, dict) and plugin.keys() & {"config", "config_file"}:
        yield Wrong(at=(*at, "config"), message="the plugin's configuration is given twice")
    yield from _steps(test.get("before"), (*at, "before"))
    if "steps" in test:
        yield from _steps(test["steps"], (*at, "steps"))
        reason = "a test with steps says it in a step"
        yield from _vain(("request", "reply", "expect"), test, at, reason)
    elif isinstance(expect, dict):
        yield from _expectation(expect, (*at, "expect"))
        yield from _exchange(test, expect, at)
    elif "expect" not in test and not _is_misspelt("expect", test):
        yield Wrong(at=at, message="missing key 'expect'")


def _is_misspelt(key: str, table: dict[str, Value]) -> bool:
    strangers = [name for name in table if name not in Test.model_fields]
    return any(spelling.nearest(name, Test.model_fields) == key for name in strangers)


def _steps(written: Value, at: Location) -> Iterator[Wrong]:
    if written == []:
        yield Wrong(at=at, message="expected at least one step")
    for index, step in enumerate(written if isinstance(written, list) else []):
        if isinstance(step, dict):
            yield from _step(step, (*at, index))


def _step(step: dict[str, Value], at: Location) -> Iterator[Wrong]:
    kinds = [key for key in step if key in Step.model_fields]
    if len(kinds) != 1 and all(key in kinds or key.startswith("x-") for key in step):
        known = ", ".join(Step.model_fields)
        yield Wrong(at=at, message=f"a step does one thing: one of {known}")
    for kind in kinds:
        inner = step[kind] if kind == "expect" else _inside(step[kind], "expect")
        if isinstance(inner, dict):
            yield from _expectation(inner, (*at, kind, *([] if kind == "expect" else ["expect"])))
    yield from _steps(_inside(step.get("repeat"), "steps"), (*at, "repeat", "steps"))


def _inside(table: Value, key: str) -> Value:
    return table.get(key) if isinstance(table, dict) else None


def _plugin(written: dict[str, Value], at: Location) -> Iterator[Wrong]:
    plugin = written.get("plugin")
    if isinstance(plugin, dict) and {"config", "config_file"} <= plugin.keys():
        message = "config and config_file: one of them is enough"
        yield Wrong(at=(*at, "config_file"), message=message, is_key=True)


def _expectation(expect: dict[str, Value], at: Location) -> Iterator[Wrong]:
    if all(key.startswith("x-") for key in expect):
        yield Wrong(at=at, message="nothing is expected: name what must be seen")
    for nothing, others in _NOTHING.items():
        found = [key for key in others if expect.get(key)]
        if expect.get(nothing) is True and found:
            message = f"{nothing}: true leaves nothing that {found[0]} could find"
            yield Wrong(at=(*at, nothing), message=message, is_key=True)
    if expect.get("configured") is True and "load_error" in expect:
        message = "a plugin that starts (configured: true) has no load_error"
        yield Wrong(at=(*at, "load_error"), message=message, is_key=True)


def _exchange(test: dict[str, Value], expect: dict[str, Value], at: Location) -> Iterator[Wrong]:
    refused = "configured: false" if expect.get("configured") is False else "load_error"
    if expect.get("configured") is False or "load_error" in expect:
        reason = f"where the plugin must not start ({refused}), no request is sent"
        yield from _vain(("request", "reply"), test, at, reason)
        yield from _vain(_OF_EXCHANGES, expect, (*at, "expect"), reason)
    elif "request" not in test and "before" not in test:
        reason = "without request, nothing is sent"
        yield from _vain(("reply",), test, at, reason)
        yield from _vain(_OF_EXCHANGES, expect, (*at, "expect"), reason)


def _vain(
    keys: tuple[str, ...], table: dict[str, Value], at: Location, reason: str
) -> Iterator[Wrong]:
    for key in keys:
        if key in table:
            yield Wrong(at=(*at, key), message=f"{key!r} is of no use: {reason}", is_key=True)
