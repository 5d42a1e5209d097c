"""Checked reads and writes."""

import ctypes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wasmctl.host.memory import Memory, MemoryAccessError

SIZE = 64


def memory(size: int = SIZE) -> Memory:
    array = (ctypes.c_char * SIZE)()
    return Memory(lambda: (ctypes.addressof(array), size))


@given(pointer=st.integers(0, 2**32 - 1), size=st.integers(0, 2**32 - 1))
def test_reading_returns_all_the_bytes_or_refuses(pointer: int, size: int) -> None:
    made = memory()

    if pointer + size <= SIZE:
        assert made.read(pointer, size) == bytes(size)
    else:
        with pytest.raises(MemoryAccessError):
            made.read(pointer, size)


@given(pointer=st.integers(0, 2**32 - 1), content=st.binary(max_size=SIZE + 1))
def test_what_was_written_is_read(pointer: int, content: bytes) -> None:
    made = memory()

    if pointer + len(content) <= SIZE:
        made.write(pointer, content)
        assert made.read(pointer, len(content)) == content
    else:
        with pytest.raises(MemoryAccessError):
            made.write(pointer, content)


@pytest.mark.parametrize("pointer", [0, 1, 56])
def test_numbers_are_little_endian(pointer: int) -> None:
    made = memory()

    made.write_u64(pointer, 0x0102030405060708)

    assert made.read(pointer, 8) == bytes([8, 7, 6, 5, 4, 3, 2, 1])
    assert made.read_u32(pointer) == 0x05060708


@pytest.mark.parametrize("pointer", [61, 64, 2**32 - 1])
def test_a_number_beyond_the_end_is_refused(pointer: int) -> None:
    made = memory()

    with pytest.raises(MemoryAccessError):
        made.write_u32(pointer, 1)
    with pytest.raises(MemoryAccessError):
        made.read_u32(pointer)


def test_a_memory_that_grew_is_measured_again() -> None:
    array = (ctypes.c_char * SIZE)()
    sizes = iter([8, 16])
    made = Memory(lambda: (ctypes.addressof(array), next(sizes)))

    made.write(8, b"beyond")

    assert made.size == 16
    assert made.content[8:14] == b"beyond"


def test_no_memory_at_all_refuses_everything_but_nothing() -> None:
    made = Memory(lambda: (0, 0))

    assert made.read(0, 0) == b""
    with pytest.raises(MemoryAccessError):
        made.read(0, 1)
