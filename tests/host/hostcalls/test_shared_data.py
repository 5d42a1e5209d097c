"""Shared data hostcalls: their statuses."""

import struct

from tests.host.conftest import Start
from tests.host.plugins import OUT, VALUE, Statement, plugin
from tests.host.texts import texts
from wasmctl import messages

VERSION = 24
LOG_VERSION = "(drop (call $proxy_log (i32.const 2) (i32.const 24) (i32.const 4)))"


def test_a_value_comes_back_with_its_version(start: Start) -> None:
    calls: list[Statement] = [
        ("?proxy_set_shared_data", b"k", b"value", 0),
        ("?proxy_get_shared_data", b"k", *OUT, VERSION),
        VALUE,
    ]
    host = start(plugin({"request_headers": [*calls, LOG_VERSION]}))

    host.http(messages.request("/"))

    assert texts(host) == ["00", "00", "value", struct.pack("<I", 1).decode()]


def test_what_is_missing_leaves_the_results_alone(start: Start) -> None:
    calls: list[Statement] = [
        "(i32.store (i32.const 24) (i32.const 65))",
        ("?proxy_get_shared_data", b"k", *OUT, VERSION),
        LOG_VERSION,
    ]
    host = start(plugin({"configure": calls}))

    assert texts(host) == ["01", "A\0\0\0"]


def test_a_version_that_has_passed_is_a_mismatch(start: Start) -> None:
    calls: list[Statement] = [
        ("?proxy_set_shared_data", b"k", b"value", 9),
        ("?proxy_set_shared_data", b"k", b"other", 9),
    ]
    host = start(plugin({"request_headers": calls}))

    host.http(messages.request("/"))

    assert texts(host) == ["00", "08"]
    assert host.shared_data() == {b"k": b"value"}


def test_keys_and_values_may_be_empty(start: Start) -> None:
    calls: list[Statement] = [
        ("?proxy_set_shared_data", b"", b"", 0),
        ("?proxy_get_shared_data", b"", *OUT, VERSION),
        VALUE,
    ]
    host = start(plugin({"request_headers": calls}))

    host.http(messages.request("/"))

    assert texts(host) == ["00", "00", ""]


def test_a_bad_pointer_is_named_before_anything_happens(start: Start) -> None:
    calls: list[Statement] = [
        ("?proxy_set_shared_data", b"k", -1, 2, 0),
        ("?proxy_get_shared_data", -1, 2, *OUT, VERSION),
    ]
    host = start(plugin({"configure": calls}))

    assert texts(host) == ["06", "06"]
    assert host.shared_data() == {}


def test_a_tester_seeds_what_the_plugin_reads(start: Start) -> None:
    calls: list[Statement] = [("?proxy_get_shared_data", b"k", *OUT, VERSION), VALUE]
    host = start(plugin({"request_headers": calls}), vm_id="v")

    host.shared_data("v")[b"k"] = b"seed"
    host.http(messages.request("/"))

    assert texts(host) == ["00", "seed"]
