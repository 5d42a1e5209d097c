"""Which connections the requests of a test come on, by what a plugin sees of them."""

import pytest

from tests.host.plugins import OUT, VALUE
from tests.host.plugins import plugin as made
from tests.testing.targets.playing import REPLY, REQUEST, setup_of
from wasmctl import outcomes, plugin
from wasmctl.testing.targets.base import NEW_CONNECTION, Sending, Target, Until
from wasmctl.testing.targets.connections import Connections
from wasmctl.testing.targets.envoy import EnvoyTarget
from wasmctl.testing.targets.harness import HarnessTarget

TESTED = plugin.parse(
    made({"request_headers": [("proxy_get_property", b"source\0address", *OUT), VALUE]})
)
EACH_TARGET = pytest.mark.parametrize(
    "target", [HarnessTarget(), EnvoyTarget()], ids=["harness", "envoy"]
)
EACH_VERSION = pytest.mark.parametrize("version", ["2", "1.1"])


def sending(stream: str, connection: str, version: str) -> Sending:
    return Sending(
        request=REQUEST,
        origin=outcomes.reply(REPLY),
        stream=stream,
        version=version,
        connection=connection,
    )


def addresses(target: Target, sendings: list[Sending], *, at_once: bool = False) -> list[str]:
    """Return the addresses, with their ports, that a plugin finds requests to come from."""
    with target.stage([]) as stage, stage.session(setup_of(TESTED)) as session:
        for together in [sendings] if at_once else [[each] for each in sendings]:
            session.send(*together)
            for each in together:
                session.wait(each.stream, Until.DONE)
        return [line.text for line in session.observation().logs]


@EACH_TARGET
@EACH_VERSION
@pytest.mark.parametrize("at_once", [False, True])
def test_eleven_new_connections_have_eleven_ports_of_one_address(
    target: Target, version: str, *, at_once: bool
) -> None:
    wanted = [sending(f"s{number}", NEW_CONNECTION, version) for number in range(11)]

    found = addresses(target, wanted, at_once=at_once)

    assert len(set(found)) == 11
    assert {address.rpartition(":")[0] for address in found} == {"127.0.0.1"}


@EACH_TARGET
@EACH_VERSION
def test_connections_of_one_name_have_one_port(target: Target, version: str) -> None:
    wanted = [sending(name, name, version) for name in ("a", "b", "a", "b")]

    one, other, *again = addresses(target, wanted)

    assert one != other
    assert again == [one, other]


def test_a_connection_belongs_to_an_address_and_a_version() -> None:
    connections = Connections()
    plain = Sending(request=REQUEST, origin=outcomes.reply(REPLY), connection="a")
    elsewhere = Sending(request=REQUEST, origin=plain.origin, connection="a", source="127.0.0.2")
    older = Sending(request=REQUEST, origin=plain.origin, connection="a", version="1.1")

    names = [connections.name(each) for each in (plain, elsewhere, older, plain)]

    assert names[0] == names[3]
    assert len(set(names)) == 3
