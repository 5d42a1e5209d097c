import pytest

from wasmctl import messages
from wasmctl.host.downstream import Connection, Connections


def test_an_address_has_one_connection() -> None:
    connections = Connections()

    first, second = connections.get("10.0.0.1:1"), connections.get("10.0.0.2:1")

    assert (first.id, second.id) == (1, 2)
    assert connections.get("10.0.0.1:1") is first


@pytest.mark.parametrize(
    ("forwarded", "seen"),
    [
        (b"1.1.1.1, 2.2.2.2", "2.2.2.2:0"),
        (b"::1", "[::1]:0"),
        (b"1.1.1.1:80", "10.0.0.1:1"),
        (b"1.1.1.1,", "10.0.0.1:1"),
        (b"", "10.0.0.1:1"),
    ],
)
def test_a_client_seems_to_be_where_it_was_forwarded_for_last(forwarded: bytes, seen: str) -> None:
    request = messages.request("/", headers=((b"x-forwarded-for", forwarded),))

    assert Connection(id=1, source="10.0.0.1:1").seen_from(request) == seen
