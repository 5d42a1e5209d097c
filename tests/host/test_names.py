import pytest

from wasmctl.host.names import Names, written


@pytest.mark.parametrize("name", ["127.0.0.1", "::1", "localhost"])
def test_an_address_and_this_machine_are_known_without_asking(name: str) -> None:
    names = Names({})

    assert names.known(name)
    assert names.addresses(name)


def test_a_name_has_the_addresses_it_was_given() -> None:
    names = Names({"a.test": ["10.0.0.1", "fd00::1"]})

    assert not names.known("a.test")
    assert names.addresses("a.test") == ["10.0.0.1", "fd00::1"]
    assert names.addresses("b.test") == ()


def test_addresses_are_written_with_their_number_and_times_first() -> None:
    assert written(["10.0.0.1", "::1"]) == b"\2" + bytes(11) + b"10.0.0.1:0\0[::1]:0\0"
    assert written([]) == bytes(4)
