"""What ends or hurts a real Envoy is caught and named there, and told by the host."""

import pytest

from tests.conformance import on_host
from tests.conformance.hazards import MISTAKES, Harm
from tests.conformance.on_envoy import started
from tests.conformance.pending import PENDING
from wasmctl.errors import EnvoyFailedError

DEADLY = [name for name, each in MISTAKES.items() if each.harm is Harm.DIES]
OTHERS = [name for name in MISTAKES if name not in DEADLY]


@pytest.mark.parametrize("name", DEADLY)
def test_envoy_dies_and_it_is_told_of_what(name: str) -> None:
    with started() as machine, pytest.raises(EnvoyFailedError, match="died of SIG") as caught:
        machine.play(MISTAKES[name].case, waits=True)

    assert caught.value.hint


@pytest.mark.parametrize("name", OTHERS)
def test_envoy_lives_but_suffers(name: str) -> None:
    with started() as machine:
        seen = machine.play(MISTAKES[name].case, waits=True)

    if MISTAKES[name].harm is Harm.SENDS_TWICE:
        assert len(seen.upstream) == 2
    else:
        assert seen.client == (None,)


@pytest.mark.parametrize("name", MISTAKES)
def test_the_host_tells_it(name: str) -> None:
    if name in PENDING:
        pytest.xfail(PENDING[name])

    seen = on_host.play(MISTAKES[name].case)

    told = (*seen.hazards, seen.refusal or "")
    assert [words for words in told if words.startswith(MISTAKES[name].told)]
