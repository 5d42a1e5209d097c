import dataclasses
from pathlib import Path

import pytest

from tests.projects import write
from wasmctl.build import record
from wasmctl.build.record import Record

_RECORD = Record(
    module="plugin.wasm",
    digest="sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",  # of "abc"
    size=3,
    abi="0.2.1",
    engine="local",
    image=None,
    tools={"node": "20.0.0"},
    commands=["asc"],
    optimized_from=None,
    input_hash="sha256:00",
    inputs=1,
    duration_ms=1,
)


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    record.write(_RECORD, tmp_path)

    assert record.read(tmp_path) == _RECORD


@pytest.mark.parametrize("text", ["", "[]", "7", '{"digest": 1}', '{"module": "x"', "\x00"])
def test_a_damaged_record_is_no_record(tmp_path: Path, text: str) -> None:
    write(tmp_path / "build.json", text)

    assert record.read(tmp_path) is None


def test_a_record_of_another_release_is_no_record(tmp_path: Path) -> None:
    record.write(_RECORD, tmp_path)
    text = (tmp_path / "build.json").read_text()
    write(tmp_path / "build.json", text.replace('"abi"', '"abi_of_tomorrow"'))

    assert record.read(tmp_path) is None


def test_a_folder_without_a_record_has_none(tmp_path: Path) -> None:
    assert record.read(tmp_path / "nowhere") is None


def test_a_record_describes_the_module_with_its_digest(tmp_path: Path) -> None:
    write(tmp_path / "plugin.wasm", "abc")

    assert record.describes(_RECORD, tmp_path / "plugin.wasm")
    assert not record.describes(_RECORD, tmp_path / "absent.wasm")
    other = dataclasses.replace(_RECORD, digest="sha256:00")
    assert not record.describes(other, tmp_path / "plugin.wasm")
