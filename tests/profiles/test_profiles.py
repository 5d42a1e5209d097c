"""What each proxy would say of a module, rule by rule; modules are written as text."""

from typing import get_args

import pytest
import wasmtime

from wasmctl import module, profiles
from wasmctl.errors import CheckFailedError, UsageError
from wasmctl.profiles import PROFILES, Finding, Level
from wasmctl.project import HostName

_MARKER = '(func (export "proxy_abi_version_0_2_1"))'
_MALLOC = '(func (export "malloc") (param i32) (result i32) i32.const 0)'
_NAMED = "(func $named)"
_WHOLE = _MARKER + _MALLOC + _NAMED

# An export that nobody calls: a warning.
_WARNED = '(func (export "proxy_on_nothing"))'

_OLD = ("envoy-1.36", "envoy-1.37", "envoy-1.38", "istio", "higress")


def _check(text: str, *hosts: str, max_size: int | None = None) -> tuple[Finding, ...]:
    read = module.parse(bytes(wasmtime.wat2wasm(f"(module {text})")))
    return profiles.check(read, profiles.named(hosts), max_size=max_size)


def _only(text: str, *hosts: str) -> Finding:
    (finding,) = _check(text, *hosts)
    return finding


def _wasi(name: str, signature: str) -> str:
    return f'(import "wasi_snapshot_preview1" "{name}" (func {signature}))'


def test_the_project_file_knows_the_same_hosts() -> None:
    assert get_args(HostName) == tuple(PROFILES)


def test_nothing_is_found_where_nothing_is_wrong() -> None:
    assert _check(_WHOLE) == ()


@pytest.mark.parametrize("version", ["0_1_0", "0_2_0", "0_2_1"])
def test_the_versions_of_the_specification_run_everywhere(version: str) -> None:
    assert _check(_WHOLE.replace("0_2_1", version)) == ()


def test_a_module_without_a_marker_is_refused() -> None:
    found = _only(_MALLOC + _NAMED, "envoy-1.40")

    assert (found.rule, found.level) == ("abi", Level.ERROR)
    assert found.message == "it is refused: no ABI marker"
    assert "ABI 0.1.0, 0.2.0, 0.2.1" in found.hint


def test_a_version_that_only_one_proxy_has_is_refused_by_the_others() -> None:
    found = _only(_WHOLE.replace("0_2_1", "0_2_100"))

    assert found.message == "it is refused: its ABI version 0.2.100 is not known"
    assert set(found.hosts) == PROFILES.keys() - {"higress"}


def test_the_first_marker_that_a_host_knows_counts() -> None:
    both = '(func (export "proxy_abi_version_0_3_0"))' + _WHOLE

    assert _check(both) == ()


def test_a_module_without_an_allocator_is_refused() -> None:
    found = _only(_MARKER + _NAMED)

    assert (found.rule, found.level, found.hosts) == ("allocator", Level.ERROR, ())


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        (_wasi("fd_readdir", "(param i32 i32 i32 i64 i32) (result i32)"), _OLD),
        ('(import "env" "proxy_redis_init" (func))', tuple(PROFILES)[:6]),
        ('(import "env" "proxy_none" (func))', tuple(PROFILES)),
        ('(import "elsewhere" "proxy_log" (func))', tuple(PROFILES)),
        ('(import "env" "proxy_log" (global i32))', tuple(PROFILES)),
        ('(import "env" "proxy_get_configuration" (func (param i32 i32)))', tuple(PROFILES)),
    ],
)
def test_an_import_that_is_not_offered_is_told_with_who_refuses_it(
    text: str, hosts: tuple[str, ...]
) -> None:
    found = [each for each in _check(text + _WHOLE) if each.rule == "import"]

    assert [(each.level, each.hosts) for each in found] == [(Level.ERROR, hosts)]


def test_an_import_that_is_offered_with_another_signature_is_an_error() -> None:
    found = _only('(import "env" "proxy_log" (func (param i32)))' + _WHOLE)

    assert (found.rule, found.level, found.hosts) == (
        "import-signature",
        Level.ERROR,
        tuple(PROFILES),
    )
    assert "proxy_log as (i32) -> (), which is offered as (i32 i32 i32) -> (i32)" in found.message


def test_wasi_s_own_signature_is_refused_where_envoy_has_another() -> None:
    symlink = _wasi("path_symlink", "(param i32 i32 i32 i32 i32) (result i32)")

    rules = {each.rule: each.hosts for each in _check(symlink + _WHOLE)}

    assert rules == {"import": _OLD, "import-signature": ("envoy-1.39", "envoy-1.40")}


def test_an_import_that_stands_twice_is_told_once() -> None:
    assert len(_check('(import "env" "x" (func)) (import "env" "x" (func))' + _WHOLE)) == 1


def test_memory_and_tables_may_be_imported() -> None:
    assert (
        _check('(import "env" "memory" (memory 1)) (import "env" "t" (table 1 funcref))' + _WHOLE)
        == ()
    )


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("proxy_on_tick", "(param i32 i32)"),
        ("proxy_on_request_headers", "(param i32 i32) (result i32) i32.const 0"),
        ("_initialize", "(param i32)"),
        ("proxy_on_memory_allocate", "(param i32)"),
    ],
)
def test_an_export_with_a_wrong_signature_is_an_error(name: str, wrong: str) -> None:
    found = _only(f'(func (export "{name}") {wrong})' + _WHOLE, "envoy-1.40")

    assert (found.rule, found.level) == ("export-signature", Level.ERROR)
    assert name in found.message


def test_main_is_looked_at_only_beside_initialize() -> None:
    main = '(func (export "main") (param i64))'
    initialize = '(func (export "_initialize"))'

    assert _check(main + _WHOLE) == ()
    assert [each.rule for each in _check(main + initialize + _WHOLE)] == ["export-signature"]


def test_a_callback_that_nobody_calls_is_told_with_the_nearest() -> None:
    text = '(func (export "proxy_on_grpc_trailing_metadata") (param i32 i32 i32))'

    found = _only(text + _WHOLE)

    assert (found.rule, found.level) == ("callback", Level.WARNING)
    assert "proxy_on_grpc_receive_trailing_metadata" in found.hint


def test_a_callback_that_one_proxy_calls_is_told_for_the_others() -> None:
    text = '(func (export "proxy_on_redis_call_response") (param i32 i32 i32 i32))'

    assert "higress" not in _only(text + _WHOLE).hosts


def test_an_exported_function_with_a_vector_crashes_envoy() -> None:
    found = _only('(func (export "fast") (param v128))' + _WHOLE)

    assert (found.rule, found.level, found.hosts) == ("v128", Level.ERROR, ())


def test_vectors_elsewhere_are_fine() -> None:
    assert (
        _check('(func $inside (param v128)) (func (export "r") (param externref))' + _WHOLE) == ()
    )


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ('(memory (export "memory") 16384)', []),
        ('(memory (export "memory") 16385 20000)', ["memory"]),
        ('(import "env" "memory" (memory 65536))', ["memory"]),
        ('(import "env" "t" (table 70000 funcref))', []),
    ],
)
def test_more_memory_than_envoy_gives_is_an_error(text: str, rules: list[str]) -> None:
    assert [each.rule for each in _check(text + _WHOLE)] == rules


@pytest.mark.parametrize(
    ("name", "size"), [(".debug_info", 22), ("sourceMappingURL", 27), ("external_debug_info", 30)]
)
def test_what_is_for_debuggers_is_a_warning_with_its_size(name: str, size: int) -> None:
    found = _only(f'(@custom "{name}" "0123456789")' + _WHOLE)

    assert (found.rule, found.level) == ("debug", Level.WARNING)
    assert found.message.startswith(f"{size} of its ")


def test_sections_that_proxies_use_are_no_warning() -> None:
    assert _check('(@custom "producers" "\\00") (@custom "target_features" "\\00")' + _WHOLE) == ()


def test_a_module_without_names_is_noted() -> None:
    found = _only(_MARKER + _MALLOC)

    assert (found.rule, found.level) == ("names", Level.NOTE)


def test_more_bytes_than_allowed_are_an_error() -> None:
    assert _check(_WHOLE, max_size=100_000) == ()
    assert [each.rule for each in _check(_WHOLE, max_size=10)] == ["size"]


def test_the_worst_comes_first() -> None:
    found = _check(_WARNED + _MARKER + _NAMED, max_size=10)

    assert [each.level for each in found] == [Level.ERROR, Level.ERROR, Level.WARNING]


@pytest.mark.parametrize(
    ("text", "at"),
    [
        (_WARNED + _WHOLE, Level.WARNING),
        (_MARKER + _NAMED, Level.ERROR),
        (_MARKER + _NAMED, Level.WARNING),
    ],
)
def test_a_finding_as_bad_as_asked_or_worse_fails(text: str, at: Level) -> None:
    with pytest.raises(CheckFailedError, match=f"1 finding at the level {at} or above"):
        profiles.fail(_check(text), at)


@pytest.mark.parametrize(
    ("text", "at"),
    [(_MARKER + _MALLOC, Level.WARNING), (_WARNED + _WHOLE, Level.ERROR)],
)
def test_a_finding_that_is_less_bad_fails_nothing(text: str, at: Level) -> None:
    found = _check(text)

    profiles.fail(found, at)

    assert found


def test_hosts_are_taken_by_name_in_their_own_order() -> None:
    assert [each.name for each in profiles.named(["istio", "envoy-1.38"])] == [
        "envoy-1.38",
        "istio",
    ]
    assert len(profiles.named([])) == len(PROFILES)


def test_an_unknown_host_is_named_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"no proxy is called 'envoy-1\.4'") as caught:
        profiles.named(["envoy-1.4"])

    assert caught.value.hint.startswith("did you mean 'envoy-1.4")


@pytest.mark.parametrize(
    "text",
    [
        '(import "env" "a\\1b[31m\\0ab" (func))',
        '(func (export "proxy_on_\\1b[31m\\0ab"))',
        '(func (export "proxy_abi_version_\\1b[31m\\0a"))',
        '(func (export "\\1b[31m\\0ab") (param v128))',
    ],
)
def test_what_a_module_calls_things_cannot_act_on_a_terminal(text: str) -> None:
    marker = "" if "abi_version" in text else _MARKER

    found = [each for each in _check(text + marker + _MALLOC + _NAMED) if each.hosts or each.rule]

    assert found
    assert all(each.message.isprintable() and each.hint.isprintable() for each in found)


def test_what_was_read_and_not_run_is_marked() -> None:
    assert [name for name, each in PROFILES.items() if not each.is_measured] == ["istio", "higress"]
