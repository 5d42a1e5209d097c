"""Compiled modules: kept by the thread, kept on disk, refused."""

import threading
from pathlib import Path

import pytest
import wasmtime

from tests.host.plugins import plugin
from tests.host.texts import texts
from wasmctl import messages
from wasmctl.abi.signature import Signature
from wasmctl.host import Host
from wasmctl.host.compiling import CompileError
from wasmctl.host.engine import Runtime, runtime
from wasmctl.host.module_cache import ModuleCache

MODULE = bytes(wasmtime.wat2wasm('(module (func (export "f") (param i32)))'))
OTHER = bytes(wasmtime.wat2wasm('(module (func (export "g") (param i64)))'))


def entries(cache: Path) -> list[Path]:
    return sorted((cache / "compiled").glob("*.cwasm"))


def test_a_module_is_compiled_once_for_a_thread() -> None:
    own = Runtime()

    assert own.load(MODULE, "digest", None) is own.load(MODULE, "digest", None)


def test_a_module_is_found_in_the_cache_by_its_digest(tmp_path: Path) -> None:
    Runtime().load(MODULE, "digest", tmp_path)

    # The other bytes would be refused if they were compiled.
    found = Runtime().load(b"no module", "digest", tmp_path)

    found.confirm({"f": Signature.parse("i:")})
    assert len(entries(tmp_path)) == 1


def test_each_digest_has_an_entry(tmp_path: Path) -> None:
    own = Runtime()

    own.load(MODULE, "one", tmp_path)
    own.load(OTHER, "two", tmp_path)

    assert len(entries(tmp_path)) == 2


@pytest.mark.parametrize("damage", [b"", b"\x7fELF", b"nonsense" * 1000])
def test_a_damaged_entry_is_compiled_anew(tmp_path: Path, damage: bytes) -> None:
    Runtime().load(MODULE, "digest", tmp_path)
    (path,) = entries(tmp_path)
    sound = path.read_bytes()

    path.write_bytes(damage)
    Runtime().load(MODULE, "digest", tmp_path).confirm({"f": Signature.parse("i:")})

    assert path.read_bytes() == sound


def test_an_entry_of_another_engine_is_compiled_anew(tmp_path: Path) -> None:
    """Its checksum is right, and yet it is not for this machine."""
    Runtime().load(MODULE, "digest", tmp_path)
    (path,) = entries(tmp_path)
    sound = path.read_bytes()
    foreign = bytes(wasmtime.Module(wasmtime.Engine(), MODULE).serialize())
    other = tmp_path / "other"
    cache = ModuleCache.open(other)
    assert cache
    cache.keep(path.stem, foreign)
    Runtime().load(MODULE, "digest", other)

    assert entries(other)[0].read_bytes() == sound


def test_many_starts_at_once_share_a_cache(tmp_path: Path) -> None:
    content = plugin({"configure": [("proxy_log", 2, b"ready")]})
    seen: list[list[str]] = []

    def run() -> None:
        with Host.start(content, cache=tmp_path) as host:
            host.http(messages.request("/"))
            seen.append(texts(host))

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert seen == [["ready"]] * 8
    assert len(entries(tmp_path)) == 1


def test_a_module_that_does_not_validate_is_refused() -> None:
    with pytest.raises(CompileError):
        Runtime().load(b"\0asm\1\0\0\0\7", "digest", None)


@pytest.mark.parametrize(
    ("name", "short"), [("f", "ii:"), ("f", "I:"), ("f", "i:i"), ("absent", ":"), ("f", ":")]
)
def test_a_signature_the_engine_reads_otherwise_is_refused(name: str, short: str) -> None:
    found = Runtime().load(MODULE, "digest", None)

    with pytest.raises(CompileError, match=name):
        found.confirm({name: Signature.parse(short)})


def test_a_runtime_belongs_to_its_thread() -> None:
    others: list[Runtime] = []
    thread = threading.Thread(target=lambda: others.append(runtime()))

    thread.start()
    thread.join()

    assert runtime() is runtime()
    assert others[0] is not runtime()
