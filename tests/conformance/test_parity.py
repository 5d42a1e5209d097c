"""Each case shows the same on the embedded host and on a real Envoy."""

from collections.abc import Callable

import pytest

from tests.conformance import normalised
from tests.conformance.cases import CASES
from tests.conformance.conftest import Envoys, HostPlay
from tests.conformance.exceptions import EXCEPTIONS
from tests.conformance.pending import PENDING
from tests.conformance.releases import DIFFERENCES, GROUPING, NEWEST, OLDER
from tests.conformance.seen import differences

PLAYED = [(name, release) for name in CASES for release in (NEWEST, *OLDER)]


@pytest.mark.parametrize(("name", "release"), PLAYED, ids=[" ".join(each) for each in PLAYED])
def test_a_case_is_equal_on_the_host_and_on_envoy(
    name: str,
    release: str,
    on_the_host: HostPlay,
    envoys: Envoys,
    fetched: Callable[[str], None],
) -> None:
    if name in PENDING:
        pytest.xfail(PENDING[name])
    fetched(release)
    host = on_the_host(name)

    envoy = envoys.play(name, release, host)

    if release in GROUPING:
        host, envoy = normalised.grouped(host), normalised.grouped(envoy)
    found = "\n".join(differences(host, envoy, CASES[name].unseen))
    if name in EXCEPTIONS or name in DIFFERENCES.get(release, {}):
        assert found, "this is equal by now: it is no exception any more"
    else:
        assert found == ""
