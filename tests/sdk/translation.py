"""A case's plugin, written with the AssemblyScript SDK.

What the SDK cannot say is left out: bad addresses, numbers of maps and buffers that do not exist,
ids of metrics. It says such things better, or keeps its users from them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.conformance.plugins import HTTP_CALLBACKS, Source, Statement
from tests.sdk import calls
from tests.sdk.calls import Argument, known
from tests.sdk.literals import Untranslatable, text

# What plugins do besides calling the host.
_TEXTS = {
    "(unreachable)": "unreachable();",
    "(drop (i32.div_u (i32.const 1) (i32.const 0)))": (
        "tell.integer(<u32>1 / <u32>it.given.byteLength);"
    ),
    "(drop (i32.load (i32.const -1)))": "tell.integer(load<i32>(<usize>-1));",
    "(if (i32.eq (local.get 0) (i32.const 2)) (then (unreachable)))": (
        "if (it.id == 2) unreachable();"
    ),
    "(if (i32.gt_u (local.get 1) (i32.const 5)) (then (return (i32.const 0))))": (
        "it.refuses = it.given.byteLength > 5;"
    ),
}
_CALLBACKS = {*HTTP_CALLBACKS, "tick", "queue_ready", "http_call_response"}
_GIVEN = {6: "vm_start", 7: "configure"}
_METRICS = (("counters", "Counter"), ("gauges", "Gauge"), ("histograms", "Histogram"))
# Ids of metrics count by kind: 4, 12 … are counters, 5, 13 … gauges, 6, 14 … histograms.
_FIRST, _APART = 4, 8


@dataclass(frozen=True, kw_only=True)
class Translation:
    """A plugin in AssemblyScript: what it does, and what it does not though the other does."""

    code: str
    left_out: tuple[Statement, ...]


def translate(source: Source, name: str) -> Translation:
    """Return a function of that name, which makes a ``Script``."""
    writer = _Writer()
    lines = [f"function {name}(): Script {{", "const script = new Script();"]
    for key, statements in source.callbacks.items():
        callback, _, run = key.partition("#")
        body = " ".join(writer.statements(statements, callback))
        lines.append(f'script.on("{callback}", {run or 0}, (it: Turn) => {{ {body} }});')
    for callback, results in source.returns.items():
        numbers = results if isinstance(results, tuple) else (results,)
        lines.append(f'script.returns("{callback}", [{", ".join(map(str, numbers))}]);')
    lines.append("return script; }")
    return Translation(code="\n".join(lines), left_out=tuple(writer.left_out))


class _Writer:
    def __init__(self) -> None:
        self.left_out: list[Statement] = []
        self._defined = [0, 0, 0]

    def statements(self, statements: object, callback: str) -> Iterator[str]:
        assert isinstance(statements, list | tuple)
        for each in statements:
            try:
                yield f"{{ {self._written(each, callback)} }}"
            # A call with addresses of its own has more arguments than the SDK's.
            except (Untranslatable, TypeError):
                self.left_out.append(each)

    def _written(self, statement: Statement, callback: str) -> str:
        if callback not in _CALLBACKS:
            raise Untranslatable
        if isinstance(statement, str):
            return known(_TEXTS, statement)
        name, *arguments = statement
        assert isinstance(name, str)
        if name == "proxy_get_buffer_bytes" and arguments[0] in _GIVEN:
            return _given(callback, *arguments)
        if name == "proxy_define_metric":
            return self._define(*arguments)
        if name.endswith("_metric"):
            return self._use(name, *arguments)
        if name not in calls.CALLS:
            raise Untranslatable
        return calls.CALLS[name](*arguments)

    def _define(self, kind: Argument, name: Argument) -> str:
        if not isinstance(kind, int) or kind >= len(_METRICS):
            raise Untranslatable
        self._defined[kind] += 1
        field, made = _METRICS[kind]
        return f"it.kept.{field}.push(new {made}({text(name)}));"

    def _use(self, name: str, id_: Argument, *amount: Argument) -> str:
        kind, number = self._metric(id_)
        field, made = _METRICS[kind]
        if (made, name) in _UNSAID:
            raise Untranslatable
        metric = f"it.kept.{field}[{number}]"
        if name == "proxy_get_metric":
            return f"tell.integer({metric}.value);"
        method = known(_METHODS, name)
        return f"tell.flag({metric}.{method}({calls.signed(*amount)}));"

    def _metric(self, id_: Argument) -> tuple[int, int]:
        if not isinstance(id_, int):
            raise Untranslatable
        number, kind = divmod(id_ - _FIRST, _APART)
        if kind >= len(_METRICS) or not 0 <= number < self._defined[kind]:
            raise Untranslatable
        return kind, number


_METHODS = {"proxy_increment_metric": "increment", "proxy_record_metric": "record"}
# What a metric of that kind cannot do, it has no method for.
_UNSAID = {
    ("Counter", "proxy_record_metric"),
    ("Histogram", "proxy_increment_metric"),
    ("Histogram", "proxy_get_metric"),
}


def _given(callback: str, kind: Argument, *_range: Argument) -> str:
    """Write the configurations as what the callbacks are given, which is the only way to them."""
    if _GIVEN.get(kind if isinstance(kind, int) else -1) != callback:
        raise Untranslatable
    return "tell.bytes(it.given);"
