import pytest

from wasmctl.abi.types import Status
from wasmctl.host.hostcall import HostcallError
from wasmctl.host.shared_data import SharedData, SharedValues


def test_versions_count_the_changes_of_all_machines() -> None:
    data = SharedData()

    data.set("one", b"k", b"first")
    data.set("two", b"k", b"second")
    data.set("one", b"k", b"third")

    assert data.get("one", b"k") == (b"third", 3)
    assert data.get("two", b"k") == (b"second", 2)


def test_a_version_that_has_passed_is_refused_and_changes_nothing() -> None:
    data = SharedData()
    data.set("", b"k", b"first")
    data.set("", b"k", b"second", 1)

    with pytest.raises(HostcallError, match=r"b'k' is at version 2, not at 1") as caught:
        data.set("", b"k", b"third", 1)

    assert caught.value.status is Status.CAS_MISMATCH
    assert data.get("", b"k") == (b"second", 2)


def test_a_new_key_takes_any_version() -> None:
    data = SharedData()

    data.set("", b"k", b"value", 9)

    assert data.get("", b"k") == (b"value", 1)


def test_what_nobody_shares_is_not_found() -> None:
    with pytest.raises(
        HostcallError, match="under the key b'k' by machines with vm_id 'v'"
    ) as caught:
        SharedData().get("v", b"k")

    assert caught.value.status is Status.NOT_FOUND


def test_a_tester_reads_and_changes_them_as_a_mapping() -> None:
    data = SharedData()
    values = SharedValues(data, "v")

    values[b"a"] = b"1"
    values[b"b"] = b"2"
    del values[b"a"]

    assert dict(values) == {b"b": b"2"}
    assert data.get("v", b"b") == (b"2", 2)
    with pytest.raises(KeyError):
        values[b"a"]
