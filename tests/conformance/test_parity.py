"""Each case shows the same on the embedded host and on a real Envoy."""

import pytest

from tests.conformance import on_host
from tests.conformance.cases import CASES
from tests.conformance.on_envoy import Machine
from tests.conformance.pending import PENDING
from tests.conformance.seen import differences


@pytest.mark.parametrize("name", CASES)
def test_a_case_is_equal_on_the_host_and_on_envoy(name: str, envoy: Machine) -> None:
    if name in PENDING:
        pytest.xfail(PENDING[name])
    case = CASES[name]

    on_the_host = on_host.play(case)
    on_envoy = envoy.play(case, waits=on_the_host.is_waiting)

    assert "\n".join(differences(on_the_host, on_envoy, case.unseen)) == ""
