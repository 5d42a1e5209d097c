"""Compiled modules in a folder: found again, distrusted, damaged, shared."""

import os
import stat
from pathlib import Path

import pytest

from wasmctl.host.module_cache import ModuleCache

KEY = "0" * 64


def opened(folder: Path) -> ModuleCache:
    cache = ModuleCache.open(folder)
    assert cache
    return cache


def entry(folder: Path) -> Path:
    (path,) = (folder / "compiled").iterdir()
    return path


def test_what_was_kept_is_found(tmp_path: Path) -> None:
    cache = opened(tmp_path / "new")

    cache.keep(KEY, b"machine code")

    found = cache.find(KEY)
    assert found
    assert found.read_bytes().startswith(b"machine code")
    assert cache.find("1" * 64) is None


def test_nobody_else_may_look_or_write(tmp_path: Path) -> None:
    opened(tmp_path).keep(KEY, b"machine code")

    assert stat.S_IMODE((tmp_path / "compiled").stat().st_mode) == 0o700
    assert stat.S_IMODE(entry(tmp_path).stat().st_mode) == 0o600


@pytest.mark.parametrize("size", [0, 5, 19, 31])
def test_an_entry_that_was_cut_is_not_found(tmp_path: Path, size: int) -> None:
    cache = opened(tmp_path)
    cache.keep(KEY, b"machine code")

    os.truncate(entry(tmp_path), size)

    assert cache.find(KEY) is None


@pytest.mark.parametrize("at", [0, 5, 11, 12, 20, 31])
def test_an_entry_with_a_changed_byte_is_not_found(tmp_path: Path, at: int) -> None:
    cache = opened(tmp_path)
    cache.keep(KEY, b"machine code")
    content = bytearray(entry(tmp_path).read_bytes())

    content[at] ^= 1
    entry(tmp_path).write_bytes(content)

    assert cache.find(KEY) is None


@pytest.mark.parametrize("mode", [0o620, 0o602])
def test_an_entry_that_others_may_write_is_not_trusted(tmp_path: Path, mode: int) -> None:
    cache = opened(tmp_path)
    cache.keep(KEY, b"machine code")

    entry(tmp_path).chmod(mode)

    assert cache.find(KEY) is None


@pytest.mark.parametrize("mode", [0o770, 0o707])
def test_a_folder_that_others_may_write_to_is_not_used(tmp_path: Path, mode: int) -> None:
    opened(tmp_path)

    (tmp_path / "compiled").chmod(mode)

    assert ModuleCache.open(tmp_path) is None


def test_a_link_in_place_of_the_folder_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    (tmp_path / "compiled").symlink_to(tmp_path / "elsewhere")

    assert ModuleCache.open(tmp_path) is None


def test_a_folder_that_cannot_be_made_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert ModuleCache.open(tmp_path / "file") is None


def test_a_disk_that_refuses_does_no_harm(tmp_path: Path) -> None:
    cache = opened(tmp_path)
    (tmp_path / "compiled").rmdir()
    (tmp_path / "compiled").touch()

    cache.keep(KEY, b"machine code")

    assert cache.find(KEY) is None


def test_a_second_writer_replaces_the_entry(tmp_path: Path) -> None:
    first, second = opened(tmp_path), opened(tmp_path)

    first.keep(KEY, b"one")
    second.keep(KEY, b"two")

    found = first.find(KEY)
    assert found
    assert found.read_bytes().startswith(b"two")


def test_what_was_checked_is_trusted_while_nobody_writes_to_it(tmp_path: Path) -> None:
    opened(tmp_path).keep(KEY, b"machine code")
    before = entry(tmp_path).stat()
    entry(tmp_path).write_bytes(b"M" + entry(tmp_path).read_bytes()[1:])

    os.utime(entry(tmp_path), ns=(before.st_atime_ns, before.st_mtime_ns))

    assert opened(tmp_path).find(KEY) == entry(tmp_path)


def test_a_copy_is_checked_once(tmp_path: Path) -> None:
    opened(tmp_path).keep(KEY, b"machine code")
    checked = entry(tmp_path).stat().st_mtime_ns % 1_000_000_000
    os.utime(entry(tmp_path), ns=(0, 7))

    assert opened(tmp_path).find(KEY) == entry(tmp_path)

    assert entry(tmp_path).stat().st_mtime_ns == checked
