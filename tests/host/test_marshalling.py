"""The functions that declarations become."""

import ctypes
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from wasmctl.host.hostcall import Convention, Hostcall, Kind, Number
from wasmctl.host.hostcalls import HOSTCALLS
from wasmctl.host.marshalling import raw_function, source


@dataclass
class Machine:
    """As much of a machine as a raw function without memory needs."""

    allowed: frozenset[str] | None = None
    memory: None = None
    context: str = "context"
    raised: list[BaseException] = field(default_factory=list)

    def stop(self, error: BaseException) -> int:
        self.raised.append(error)
        return 1


@dataclass
class Slot:
    """Where a raw function finds its machine."""

    vm: Machine = field(default_factory=Machine)


def declared(function: Callable[..., object], /, **parameters: Kind) -> Hostcall:
    return Hostcall(
        name="made",
        modules=("env",),
        function=function,
        parameters=tuple(parameters.items()),
        results=(),
        convention=Convention.STATUS,
    )


def test_functions_of_one_shape_share_their_code() -> None:
    names = ("proxy_add_header_map_value", "proxy_replace_header_map_value")

    texts = {source(HOSTCALLS[name]) for name in names}

    assert len(texts) == 1


def test_nothing_is_raised_out_of_a_raw_function() -> None:
    slot = Slot()
    raw = raw_function(declared(lambda _context: 1 / 0), slot)

    assert raw(None, None, 0, 0) == 1
    assert isinstance(slot.vm.raised[0], ZeroDivisionError)


@pytest.mark.parametrize("kind", list(Number))
def test_numbers_are_read_where_their_slot_is(kind: Number) -> None:
    taken: list[object] = []
    slots = (ctypes.c_int64 * 4)(7, 0, -1, 0)
    made = declared(lambda *given: taken.append(given), one=Number.U32, two=kind)

    raw_function(made, Slot())(None, None, ctypes.addressof(slots), 2)

    all_ones = {Number.U32: (1 << 32) - 1, Number.U64: (1 << 64) - 1}
    assert taken == [("context", 7, all_ones.get(kind, -1))]


@pytest.mark.parametrize("name", sorted(HOSTCALLS))
def test_every_declaration_becomes_a_function(name: str) -> None:
    made = compile(source(HOSTCALLS[name]), name, "exec")

    assert "hostcall" in made.co_names


def test_enumerations_are_checked_before_memory() -> None:
    text = source(HOSTCALLS["proxy_get_header_map_value"])

    assert text.index("s0 >= 8") < text.index("memory.measure()")
