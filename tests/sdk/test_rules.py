"""The rules of Proxy-Wasm, shown by plugins that are written with the AssemblyScript SDK.

The cases are those of the parity suite. Each is played on the embedded host and on a real Envoy,
and what the two show must be equal: Envoy's trace, line by line, what the SDK makes of the answers
(which the plugins log), both edges, callouts, metrics. Where the SDK can say all of a case, the
client, the origin and the metrics see what they see of hostcalls that are written by hand.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conformance import on_envoy, on_host
from tests.conformance.case import Case
from tests.conformance.cases import CASES
from tests.conformance.on_envoy import Machine
from tests.conformance.rows import ROWS
from tests.conformance.seen import differences
from tests.docker_engine import common
from tests.sdk import played
from tests.sdk.elsewhere import ELSEWHERE
from wasmctl import files, scaffold

_PAGE = Path(__file__).parents[2] / "docs/reference/assemblyscript-sdk.md"
_OUTSIDE = ("client", "upstream", "callouts", "metrics", "trap", "refusal")
_WHOLE = [name for name in played.played() if played.sayable()[name]]


@pytest.fixture(scope="session")
def written_with_the_sdk(
    built: Callable[[scaffold.Template], Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Case]:
    """What gives a case with plugins of the SDK in place of its own, by its name."""
    packages = built(scaffold.find("assemblyscript", "minimal"))
    folder = common(tmp_path_factory) / "sdk-rules"
    with files.locked(folder.with_suffix(".lock")):
        module = played.make(folder, packages).read_bytes()
    return lambda name: played.with_module(CASES[name], module)


@pytest.fixture(scope="module")
def envoy() -> Iterator[Machine]:
    """A running Envoy between its peers."""
    with on_envoy.started() as machine:
        yield machine


def test_each_rule_is_shown_or_has_a_reason_not_to_be() -> None:
    shown = {row for name in played.played() for row in CASES[name].rows}

    assert [row.id for row in ROWS if row.id not in shown | ELSEWHERE.keys()] == []


def test_no_rule_has_a_reason_that_the_sdk_can_show() -> None:
    shown = {row for name, whole in played.sayable().items() if whole for row in CASES[name].rows}

    assert ELSEWHERE.keys() - {row.id for row in ROWS} == set()
    assert ELSEWHERE.keys() & shown == set()


def test_the_page_counts_the_rules_that_apply() -> None:
    shown = f"{len(ROWS) - len(ELSEWHERE)} of the {len(ROWS)} rules"

    assert shown in _PAGE.read_text()
    assert f"the other {len(ELSEWHERE)} do not apply" in _PAGE.read_text()


@pytest.mark.parametrize("name", played.played())
def test_a_plugin_of_the_sdk_shows_the_same_on_the_host_and_on_envoy(
    name: str, written_with_the_sdk: Callable[[str], Case], envoy: Machine
) -> None:
    case = written_with_the_sdk(name)
    host = on_host.play(case)

    seen = envoy.play(case, host)

    assert "\n".join(differences(host, seen, case.unseen)) == ""


@pytest.mark.parametrize("name", _WHOLE)
def test_a_plugin_of_the_sdk_does_what_hostcalls_by_hand_do(
    name: str, written_with_the_sdk: Callable[[str], Case]
) -> None:
    of_hand = on_host.play(CASES[name])

    of_sdk = on_host.play(written_with_the_sdk(name))

    assert {each: getattr(of_sdk, each) for each in _OUTSIDE} == {
        each: getattr(of_hand, each) for each in _OUTSIDE
    }
