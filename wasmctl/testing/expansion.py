"""A scenario file written out: what it includes put in, a test for each case, values filled in.

It works on plain values, before their types are looked at, and remembers where each was written.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from wasmctl.errors import DefinitionError
from wasmctl.testing import captures, inclusion, variables
from wasmctl.testing.blame import Blame, Location, Wrong
from wasmctl.testing.neighbours import Neighbours
from wasmctl.testing.placeholders import Budget, Filling, Scope, TooMuchError
from wasmctl.testing.scalars import Value
from wasmctl.testing.source import Document, Mistake, refusal
from wasmctl.testing.variables import KEYS, MOST_TESTS, VARS, Variant

# Values and characters of one file, written out.
_MOST = 8 << 20

_BEFORE_EACH, _BEFORE, _TESTS, _NAME = "before_each", "before", "tests", "name"
_STEPS = "steps"


def expand(document: Document, neighbours: Neighbours) -> Document:
    """Write a document out; what is wrong stands in its mistakes.

    Raises DefinitionError where an included file cannot be read on, or too much would be written.
    """
    whole = inclusion.included(document, neighbours)
    writing = _Writing(whole)
    try:
        writing.write()
    except TooMuchError:
        raise _too_much(whole, writing) from None
    wrongs = (_mistake(wrong, whole) for wrong in writing.blame.wrongs)
    return replace(
        whole,
        value=writing.value,
        mistakes=(*whole.mistakes, *wrongs),
        origins=writing.origins,
    )


def _too_much(whole: Document, writing: "_Writing") -> DefinitionError:
    message = "written out, the file becomes too large: its placeholders or cases multiply"
    mistake = Mistake(mark=whole.mark(writing.at), message=message)
    return refusal(whole.path, [*whole.mistakes, mistake])


def _mistake(wrong: Wrong, document: Document) -> Mistake:
    mark = document.key_mark(wrong.at) if wrong.is_key else document.mark(wrong.at)
    return Mistake(mark=mark, message=wrong.message)


@dataclass
class _Writing:
    """What is written so far; ``at`` is where it is now."""

    whole: Document
    blame: Blame = field(default_factory=Blame)
    budget: Budget = field(default_factory=lambda: Budget(_MOST))
    value: dict[str, Value] = field(default_factory=dict)
    origins: dict[Location, tuple[Document, Location]] = field(default_factory=dict)
    at: Location = ()

    def write(self) -> None:
        written = self.whole.value
        self.origins = dict(self.whole.origins)
        scope: Scope = {}
        if VARS in written:
            self.at = (VARS,)
            scope = variables.extended(scope, written[VARS], self.at, self.blame, self.budget)
        for key, value in written.items():
            self.at = (key,)
            if key not in {VARS, _BEFORE_EACH, _TESTS}:
                self.value[key] = self._filling(scope).filled(value, self.at)
        if _TESTS in written:
            self._write_tests(written[_TESTS], written.get(_BEFORE_EACH, []), scope)

    def _write_tests(self, tests: Value, before: Value, scope: Scope) -> None:
        if not isinstance(tests, list):
            self.value[_TESTS] = tests
            return
        found: list[Value] = []
        self.value[_TESTS] = found
        # Where they come from is known anew, test by test.
        self.origins = {at: of for at, of in self.origins.items() if at[0] != _TESTS}
        for index, test in enumerate(tests):
            self.at = (_TESTS, index)
            if isinstance(test, dict):
                self._write_test(test, before, scope, found)
            else:
                self._place(len(found), self.at)
                found.append(test)

    def _write_test(
        self, test: dict[str, Value], before: Value, scope: Scope, found: list[Value]
    ) -> None:
        runs = variables.variants(test, self.at, scope, self.blame, self.budget)
        if len(found) + len(runs) > MOST_TESTS:
            raise TooMuchError
        told_apart = len({str(self._name(test, run)) for run in runs}) == len(runs)
        for number, run in enumerate(runs, 1):
            self._place(len(found), self.at)
            written = self._variant(test, before, run, len(found))
            if _NAME in written and not told_apart:
                words = run.words or str(number)
                written[_NAME] = f"{written[_NAME]} [{words}]"
            found.append(written)

    def _name(self, test: Mapping[str, Value], run: Variant) -> Value:
        quiet = Filling(scope=run.scope, blame=Blame(), budget=self.budget)
        return quiet.filled(test.get(_NAME), ())

    def _variant(
        self, test: dict[str, Value], before: Value, run: Variant, number: int
    ) -> dict[str, Value]:
        # What a step captures is filled in when it is there.
        later = (*captures.names(before), *captures.names(test.get(_BEFORE)))
        marks = {name: captures.mark(name) for name in (*later, *captures.names(test.get(_STEPS)))}
        filling = self._filling({**run.scope, **marks})
        kept = {key: value for key, value in test.items() if key not in KEYS}
        written = {key: filling.filled(value, (*self.at, key)) for key, value in kept.items()}
        if before != []:
            own = written.get(_BEFORE, [])
            shared = filling.filled(before, (_BEFORE_EACH,))
            self._place_before(number, before, own)
            both = [*shared, *own] if isinstance(shared, list) and isinstance(own, list) else shared
            written[_BEFORE] = both
        return written

    def _place_before(self, number: int, shared: Value, own: Value) -> None:
        """Remember where the steps before a test come from: the file's, then the test's own."""
        below: Location = (_TESTS, number, _BEFORE)
        self.origins[below] = self.whole.origin((_BEFORE_EACH,))
        first = len(shared) if isinstance(shared, list) else 0
        for index in range(first):
            self.origins[*below, index] = self.whole.origin((_BEFORE_EACH, index))
        for index in range(len(own) if isinstance(own, list) else 0):
            self.origins[*below, first + index] = self.whole.origin((*self.at, _BEFORE, index))

    def _place(self, number: int, at: Location) -> None:
        self.origins[_TESTS, number] = self.whole.origin(at)

    def _filling(self, scope: Scope) -> Filling:
        return Filling(scope=scope, blame=self.blame, budget=self.budget)
