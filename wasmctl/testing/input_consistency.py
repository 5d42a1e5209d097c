"""What cannot hold together among the inputs and steps of a scenario file.

As in `consistency`, it is read from plain values, so that all mistakes are told together.
"""

from collections.abc import Iterator

from wasmctl import spelling
from wasmctl.testing.blame import Location, Wrong
from wasmctl.testing.connection_consistency import Connections
from wasmctl.testing.scalars import Value, text_of
from wasmctl.testing.upstreams import Absence

_Table = dict[str, Value]


def check(written: _Table) -> Iterator[Wrong]:
    """Find what contradicts itself in a file and in its tests."""
    yield from _surroundings(written, ())
    shared = set(_table(written.get("upstreams")))
    usual = _table(written.get("defaults"))
    defaults = _table(usual.get("reply"))
    yield from _reply(defaults, ("defaults", "reply"))
    for index, test in enumerate(_list(written.get("tests"))):
        if isinstance(test, dict):
            at: Location = ("tests", index)
            clusters = sorted(shared | set(_table(test.get("upstreams"))))
            yield from _surroundings(test, at)
            yield from _one_plugin(test, written, at)
            yield from _versions(test, defaults, at)
            connections = Connections(_table(usual.get("request")))
            yield from _Course(clusters, _several(test, written), connections).test(test, at)


def _surroundings(table: _Table, at: Location) -> Iterator[Wrong]:
    yield from _settings(_table(table.get("plugin")), (*at, "plugin"))
    yield from _chain(_list(table.get("plugins")), (*at, "plugins"))
    for name, upstream in _table(table.get("upstreams")).items():
        yield from _upstream(_table(upstream), (*at, "upstreams", name))


def _chain(plugins: list[Value], at: Location) -> Iterator[Wrong]:
    names: set[str] = set()
    for index, each in enumerate(plugins):
        plugin = _table(each)
        yield from _settings(plugin, (*at, index))
        name = str(plugin.get("name", f"plugin-{index + 1}"))
        if name in names:
            message = f"another plugin has the name {name!r} too"
            yield Wrong(at=(*at, index, *(["name"] if "name" in plugin else [])), message=message)
        names.add(name)


def _settings(plugin: _Table, at: Location) -> Iterator[Wrong]:
    if {"fail_open", "fail_policy"} <= plugin.keys():
        message = "fail_open and fail_policy: Envoy takes only one of them"
        yield Wrong(at=(*at, "fail_open"), message=message, is_key=True)
    capabilities = plugin.get("capabilities")
    if isinstance(capabilities, dict) and len(capabilities.keys() & {"allow", "deny"}) != 1:
        message = "expected either allow or deny"
        yield Wrong(at=(*at, "capabilities"), message=message)


def _one_plugin(test: _Table, file: _Table, at: Location) -> Iterator[Wrong]:
    if test.get("plugins") is None and file.get("plugins") is None:
        return
    where = "the test" if test.get("plugins") is not None else "the file"
    for key in ("plugin", "config"):
        if key in test:
            message = f"{key!r} is of no use: {where} has several plugins"
            yield Wrong(at=(*at, key), message=message, is_key=True)


def _several(test: _Table, file: _Table) -> list[str] | None:
    """Return the names of the plugins, where there are several."""
    plugins = test.get("plugins", file.get("plugins"))
    if not isinstance(plugins, list):
        return None
    return [str(_table(each).get("name", f"plugin-{i}")) for i, each in enumerate(plugins, 1)]


def _upstream(upstream: _Table, at: Location) -> Iterator[Wrong]:
    yield from _outcome(upstream, at)
    alone = upstream.keys() & {"reply", "fail", "hold"}
    if "rules" in upstream and alone:
        message = f"rules and {min(alone)}: say it in a rule"
        yield Wrong(at=(*at, min(alone)), message=message, is_key=True)
    if _is_absent(upstream) and upstream.keys() > {"fail"}:
        other = min(upstream.keys() - {"fail"})
        message = f"{other!r} is of no use: no callout arrives ({upstream['fail']})"
        yield Wrong(at=(*at, other), message=message, is_key=True)
    for index, rule in enumerate(_list(upstream.get("rules"))):
        if isinstance(rule, dict):
            yield from _outcome(rule, (*at, "rules", index))
            if "status" in _table(rule.get("when")):
                message = "'status' is of no use: a callout is a request"
                yield Wrong(
                    at=(*at, "rules", index, "when", "status"), message=message, is_key=True
                )


def _outcome(table: _Table, at: Location) -> Iterator[Wrong]:
    if table.get("hold") is not True:
        return
    for key in ("reply", "fail", "delay"):
        if key in table:
            message = f"{key!r} is of no use: with hold, a step answers"
            yield Wrong(at=(*at, key), message=message, is_key=True)


def _reply(reply: _Table, at: Location) -> Iterator[Wrong]:
    if reply.get("hold") is True:
        for key in sorted(reply.keys() - {"hold", "version"}):
            message = f"{key!r} is of no use: with hold, a step answers"
            yield Wrong(at=(*at, key), message=message, is_key=True)
    elif _is_absent(reply):
        for key in sorted(reply.keys() - {"fail", "version"}):
            message = f"{key!r} is of no use: no request arrives ({reply['fail']})"
            yield Wrong(at=(*at, key), message=message, is_key=True)


def _versions(test: _Table, defaults: _Table, at: Location) -> Iterator[Wrong]:
    """Find replies of several versions: the upstream of a test speaks one."""
    usual = text_of(defaults.get("version", "2"))  # type: ignore[arg-type] # a scalar, or told
    found: str | None = None
    for place, reply in _replies(test, at):
        version = text_of(reply.get("version", usual))  # type: ignore[arg-type]
        if found is not None and version != found:
            message = f"another reply of this test is of version {found}; an upstream speaks one"
            yield Wrong(at=(*place, *(["version"] if "version" in reply else [])), message=message)
        found = found or version


def _replies(table: _Table, at: Location) -> Iterator[tuple[Location, _Table]]:
    if isinstance(table.get("reply"), dict):
        yield (*at, "reply"), _table(table["reply"])
    for key in ("before", "steps"):
        for index, step in enumerate(_list(table.get(key))):
            for name in ("http", "repeat"):
                inner = _table(_table(step).get(name))
                yield from _replies(inner, (*at, key, index, name))


class _Course:
    """The steps of a test, read in their order.

    Attributes:
        begun: the streams that have begun.

    """

    def __init__(
        self, clusters: list[str], plugins: list[str] | None, connections: Connections
    ) -> None:
        self.begun: list[str] = []
        self._connections = connections
        self._clusters = clusters
        self._plugins = plugins

    def test(self, test: _Table, at: Location) -> Iterator[Wrong]:
        yield from self._steps(test.get("before"), (*at, "before"))
        yield from self._steps(test.get("steps"), (*at, "steps"))
        yield from self._connections.request(test.get("request"), (*at, "request"))
        yield from _reply(_table(test.get("reply")), (*at, "reply"))

    def _steps(self, steps: Value, at: Location) -> Iterator[Wrong]:
        for index, step in enumerate(_list(steps)):
            for kind, inner in _table(step).items():
                read = self._readers.get(kind)
                if read:
                    yield from read(self, inner, (*at, index, kind))

    def _http(self, written: Value, at: Location) -> Iterator[Wrong]:
        step = _table(written)
        yield from _reply(_table(step.get("reply")), (*at, "reply"))
        yield from self._sent(step, at)
        name = step.get("id")
        if not isinstance(name, str):
            if step.get("until", "done") != "done":
                message = "a stream that goes on later needs an id"
                yield Wrong(at=(*at, "until"), message=message, is_key=True)
            return
        if "request" in step:
            self.begun.append(name)
            return
        yield from self._known(name, (*at, "id"))
        if "reply" in step:
            message = "'reply' is of no use: it is said where the stream begins"
            yield Wrong(at=(*at, "reply"), message=message, is_key=True)

    def _sent(self, step: _Table, at: Location) -> Iterator[Wrong]:
        at_once = step.get("times", 1) != 1
        if "request" in step or "id" not in step:
            place = (*at, *(["request"] if "request" in step else []))
            yield from self._connections.request(step.get("request"), place, at_once=at_once)
        for key in ("id", "until") if "times" in step else ():
            if key in step:
                message = (
                    f"{key!r} is of no use: with times, the step is over when all are answered"
                )
                yield Wrong(at=(*at, key), message=message, is_key=True)

    def _known(self, name: Value, at: Location) -> Iterator[Wrong]:
        if isinstance(name, str) and name not in self.begun:
            known = spelling.suggestion(name, self.begun) if self.begun else "there are none"
            yield Wrong(at=at, message=f"no stream {name!r} has begun before; {known}")

    def _answer(self, written: Value, at: Location) -> Iterator[Wrong]:
        step = _table(written)
        if isinstance(written, dict) and len(step.keys() & {"callout", "stream"}) != 1:
            yield Wrong(at=at, message="expected either callout or stream: what is answered")
        if "stream" in step:
            yield from self._known(step["stream"], (*at, "stream"))
        to = _table(step.get("callout")).get("to")
        if isinstance(to, str) and to not in self._clusters:
            known = spelling.suggestion(to, self._clusters) if self._clusters else "there are none"
            message = f"no upstream is called {to!r}; {known}"
            yield Wrong(at=(*at, "callout", "to"), message=message)

    def _cancel(self, written: Value, at: Location) -> Iterator[Wrong]:
        inside = isinstance(written, dict)
        name = _table(written).get("stream") if inside else written
        yield from self._known(name, (*at, *(["stream"] if inside else [])))

    def _reconfigure(self, written: Value, at: Location) -> Iterator[Wrong]:
        step = _table(written)
        if {"config", "config_file"} <= step.keys():
            message = "config and config_file: one of them is enough"
            yield Wrong(at=(*at, "config_file"), message=message, is_key=True)
        if isinstance(written, dict) and not step.keys() & {"config", "config_file"}:
            yield Wrong(at=at, message="expected a config or a config_file")
        name = step.get("plugin")
        if self._plugins is not None and name not in self._plugins:
            known = ", ".join(self._plugins)
            message = f"expected which plugin: one of {known}"
            yield Wrong(at=(*at, *(["plugin"] if "plugin" in step else [])), message=message)

    def _set(self, written: Value, at: Location) -> Iterator[Wrong]:
        if isinstance(written, dict) and not _table(written).get("shared_data"):
            yield Wrong(at=at, message="nothing is set: name shared_data")

    def _repeat(self, written: Value, at: Location) -> Iterator[Wrong]:
        yield from self._steps(_table(written).get("steps"), (*at, "steps"))

    _readers = {  # noqa: RUF012 - a table that nobody changes
        "http": _http,
        "answer": _answer,
        "cancel": _cancel,
        "reconfigure": _reconfigure,
        "set": _set,
        "repeat": _repeat,
    }


def _is_absent(table: _Table) -> bool:
    return isinstance(table.get("fail"), str) and table["fail"] in list(Absence)


def _table(value: Value) -> _Table:
    return value if isinstance(value, dict) else {}


def _list(value: Value) -> list[Value]:
    return value if isinstance(value, list) else []
