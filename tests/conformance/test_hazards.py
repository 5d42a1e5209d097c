"""What ends or hurts a real Envoy is caught and named there, and told by the host."""

from collections.abc import Callable

import pytest

from tests.conformance import on_host
from tests.conformance.hazards import MISTAKES, Harm
from tests.conformance.on_envoy import started
from tests.conformance.pending import PENDING
from tests.conformance.seen import Seen
from wasmctl import module
from wasmctl.envoy import hazards
from wasmctl.errors import EnvoyFailedError

DEADLY = [name for name, each in MISTAKES.items() if each.harm is Harm.DIES]
OTHERS = [name for name in MISTAKES if name not in DEADLY]


def _first_headers(seen: Seen) -> dict[bytes, bytes]:
    return dict(seen.client[0].message.headers) if seen.client[0] else {}


HURT: dict[Harm, Callable[[Seen], bool]] = {
    Harm.SENDS_TWICE: lambda seen: len(seen.upstream) == 2,
    Harm.HANGS: lambda seen: seen.client == (None,),
    Harm.BREAKS: lambda seen: seen.is_waiting,
    Harm.SPLITS: lambda seen: b"\r\n" in _first_headers(seen)[b"x-a"],
}


@pytest.mark.parametrize("name", DEADLY)
def test_envoy_dies_and_it_is_told_of_what(name: str) -> None:
    with started() as machine, pytest.raises(EnvoyFailedError, match="died of SIG") as caught:
        machine.play(MISTAKES[name].case, waits=True)

    (code,) = (plugin.code for plugin in MISTAKES[name].case.filters)
    known_before = hazards.of_module(module.parse(code)) or ""
    assert "known hazard" in f"{caught.value.hint}{known_before}"


@pytest.mark.parametrize("name", OTHERS)
def test_envoy_lives_but_suffers(name: str) -> None:
    with started() as machine:
        seen = machine.play(MISTAKES[name].case, waits=True)

    assert HURT[MISTAKES[name].harm](seen)


@pytest.mark.parametrize("name", MISTAKES)
def test_the_host_tells_it(name: str) -> None:
    if name in PENDING:
        pytest.xfail(PENDING[name])

    seen = on_host.play(MISTAKES[name].case)

    told = (*seen.hazards, seen.refusal or "")
    assert [words for words in told if words.startswith(MISTAKES[name].told)]
