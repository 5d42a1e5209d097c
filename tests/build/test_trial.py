"""What is found by starting a module: real modules, on the embedded host."""

from pathlib import Path

import pytest
import wasmtime

from wasmctl import module
from wasmctl.build import trial
from wasmctl.build.setup import Setup
from wasmctl.profiles import Finding, Level

_FRAME = """
(module
  (import "env" "proxy_log" (func $log (param i32 i32 i32) (result i32)))
  (import "env" "proxy_get_property" (func $get (param i32 i32 i32 i32) (result i32)))
  %s
  (memory (export "memory") 1)
  (data (i32.const 128) "plugin_root_id")
  (data (i32.const 160) "unknown root id")
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 4096))
  (func $read_root_id (drop (call $get
    (i32.const 128) (i32.const 14) (i32.const 64) (i32.const 68))))
  (func $is_mine (result i32)  ;; the root id begins with an m
    (call $read_root_id)
    (i32.and (i32.ne (i32.load (i32.const 68)) (i32.const 0))
      (i32.eq (i32.load8_u (i32.load (i32.const 64))) (i32.const 0x6d))))
  (func $say (param $level i32)
    (drop (call $log (local.get $level) (i32.const 160) (i32.const 15))))
  %s)
"""

_SAY = "(call $say (i32.const 2))"
# As the SDKs do: refuse what is not registered; or let it pass, and do nothing.
_REFUSES = """
  (func (export "proxy_on_vm_start") (param i32 i32) (result i32)
    (if (call $is_mine) (then (return (i32.const 1))))
    (call $say (i32.const 4)) (i32.const 0))
"""
_PASSES = """
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
    (if (call $is_mine) (then (call $say (i32.const 2)))) (i32.const 0))
"""
_SAME = f"""
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
    (call $read_root_id) {_SAY} (i32.const 0))
"""
_REFUSES_CONFIGURATION = """
  (func (export "proxy_on_configure") (param i32 i32) (result i32)
    (call $read_root_id) (i32.eqz (local.get 1)))
"""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def _found(functions: str, *, setup: Setup = Setup(), imports: str = "") -> tuple[Finding, ...]:  # noqa: B008 - frozen
    content = bytes(wasmtime.wat2wasm(_FRAME % (imports, functions)))
    return trial.findings(content, module.parse(content), setup)


def _started(body: str, *, imports: str = "") -> tuple[Finding, ...]:
    return _found(f"(func $begin {body}) (start $begin)", imports=imports)


def test_a_start_section_that_calls_the_host_crashes_envoy() -> None:
    (found,) = _started(_SAY)

    assert (found.rule, found.level, found.hosts) == ("start", Level.ERROR, ())
    assert found.message == "its start section calls proxy_log: Envoy crashes"
    assert found.hint.startswith("export _initialize instead")


@pytest.mark.parametrize("body", ["", "(if (i32.const 0) (then (call $say (i32.const 2))))"])
def test_a_start_section_that_could_call_the_host_and_does_not_is_fine(body: str) -> None:
    assert _started(body) == ()


def test_a_start_section_that_traps_is_told() -> None:
    (found,) = _started("(unreachable)")

    assert found.level is Level.ERROR
    assert found.message.startswith("its start section fails: ")


def test_a_start_section_that_cannot_be_tried_is_a_warning() -> None:
    """What only another host offers cannot be linked here."""
    (found,) = _started(_SAY, imports='(import "env" "proxy_redis_init" (func))')

    assert (found.rule, found.level) == ("start", Level.WARNING)


def test_a_plugin_that_refuses_later_has_a_good_start_section() -> None:
    assert _found("(func $begin) (start $begin)" + _REFUSES) == ()


@pytest.mark.parametrize("functions", [_REFUSES, _PASSES, _SAME, ""])
def test_a_root_id_that_a_module_knows_or_does_not_mind_is_fine(functions: str) -> None:
    assert _found(functions, setup=Setup(root_id="mine")) == ()


def test_a_root_id_that_a_module_refuses_is_an_error_in_its_own_words() -> None:
    (found,) = _found(_REFUSES, setup=Setup(root_id="theirs"))

    assert (found.rule, found.level) == ("root-id", Level.ERROR)
    assert "no plugin of it has the root id 'theirs'" in found.message
    assert "(unknown root id)" in found.message


def test_what_a_module_says_cannot_act_on_a_terminal() -> None:
    words = '(data (i32.const 160) "\\1b[31m\\0aroot id!!!!")'

    (found,) = _found(words + _REFUSES, setup=Setup(root_id="theirs"))

    assert "(\\x1b[31m\\nroot id!!)" in found.message
    assert found.message.isprintable()


def test_a_root_id_under_which_nothing_happens_is_noted() -> None:
    (found,) = _found(_PASSES, setup=Setup(root_id="theirs"))

    assert (found.rule, found.level) == ("root-id", Level.NOTE)
    assert "it lets a request pass, as under one that nobody has" in found.message


def test_a_configuration_that_is_refused_is_no_matter_of_the_root_id() -> None:
    """`wasmctl test` tells of that: it knows the plugin's own words."""
    functions = _REFUSES + _REFUSES_CONFIGURATION

    assert _found(functions, setup=Setup(root_id="mine", configuration=b"{")) == ()


def test_no_root_id_is_tried_where_none_is_known() -> None:
    assert _found(_REFUSES) == ()


def test_what_no_engine_takes_is_told() -> None:
    content = bytes(wasmtime.wat2wasm(_FRAME % ("", _REFUSES)))
    broken = content.replace(b"\x41\x04\x10", b"\x42\x04\x10")  # an i64 for an i32
    assert broken != content

    (found,) = trial.findings(broken, module.parse(broken), Setup(root_id="mine"))

    assert (found.rule, found.level) == ("valid", Level.ERROR)
    assert "type mismatch: expected i32, found i64" in found.message


def test_what_was_found_is_remembered_and_a_damaged_memory_is_not_believed(cache: Path) -> None:
    first = _found(_REFUSES, setup=Setup(root_id="theirs"))
    remembered = sorted((cache / "wasmctl/trials").iterdir())
    for file in remembered:
        file.write_text('[{"rule": 1}]')

    second = _found(_REFUSES, setup=Setup(root_id="theirs"))

    assert len(remembered) == 1
    assert second == first


def test_a_cache_that_cannot_be_written_to_does_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))

    assert [each.rule for each in _started(_SAY)] == ["start"]
