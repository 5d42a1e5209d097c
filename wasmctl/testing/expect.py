"""From an expectation and an observation to mismatches: pure, and blind to the target.

What an expectation does not name may be anything, but for what nobody wants unawares: a plugin
that does not start, a trap, a hostcall that is not there, a hazard, a client without a whole
answer.
"""

from collections.abc import Callable, Iterator

from wasmctl.testing import snapshots
from wasmctl.testing.checks import callouts, costs, inside, logs, messages, sameness, starts
from wasmctl.testing.expectation_models import Expectation
from wasmctl.testing.mismatch import Mismatch
from wasmctl.testing.observation import Aspect, Observation

_Check = Callable[[Expectation, Observation], Iterator[Mismatch]]


def _upstream(expectation: Expectation, observation: Observation) -> Iterator[Mismatch]:
    yield from messages.upstream(expectation, observation)
    yield from sameness.upstream(expectation, observation)


def _client(expectation: Expectation, observation: Observation) -> Iterator[Mismatch]:
    yield from messages.client(expectation, observation)
    yield from sameness.client(expectation, observation)


_CHECKS: dict[Aspect, _Check] = {
    Aspect.CONFIGURED: starts.configured,
    Aspect.LOAD_ERROR: starts.load_error,
    Aspect.TRAP: starts.trap,
    Aspect.UPSTREAM: _upstream,
    Aspect.CLIENT: _client,
    Aspect.LOCAL_RESPONSE: messages.local_response,
    Aspect.CALLOUTS: callouts.callouts,
    Aspect.LOGS: logs.logs,
    Aspect.METRICS: inside.metrics,
    Aspect.PAUSED_AT: starts.paused_at,
    Aspect.TICK_PERIOD: starts.tick_period,
    Aspect.SHARED_DATA: inside.shared_data,
    Aspect.QUEUES: inside.queues,
    Aspect.HAZARDS: inside.hazards,
    Aspect.HOSTCALLS: inside.hostcalls,
    Aspect.TIME: costs.time,
    Aspect.FUEL: costs.fuel,
    Aspect.MEMORY: costs.memory,
    Aspect.SIZE: costs.size,
}

# Where the test did not come as far as it wanted, only the reason is of interest.
_OF_THE_START = frozenset({Aspect.CONFIGURED, Aspect.LOAD_ERROR, Aspect.TRAP, Aspect.HAZARDS})

# Keys that speak of a side which has another name.
_KEYS = {
    "only_callouts": Aspect.CALLOUTS,
    "no_callouts": Aspect.CALLOUTS,
    "logs_in_order": Aspect.LOGS,
    "no_logs": Aspect.LOGS,
    **{aspect.value: aspect for aspect in Aspect},
}


def aspects(expectation: Expectation) -> frozenset[Aspect]:
    """Return the sides of a plugin that an expectation speaks of."""
    named = expectation.model_fields_set
    return frozenset(aspect for key, aspect in _KEYS.items() if key in named)


def judge(
    expectation: Expectation,
    observation: Observation,
    sees: frozenset[Aspect],
    *,
    requested: bool = True,
) -> tuple[Mismatch, ...]:
    """Compare what was expected with what was seen, as far as the target ``sees``.

    ``requested`` tells whether a request was sent, so that an answer is due.
    """
    began = observation.configured or starts.is_refusal_expected(expectation)
    found = [
        mismatch
        for aspect, check in _CHECKS.items()
        if aspect in sees and (began or aspect in _OF_THE_START)
        for mismatch in check(expectation, observation)
    ]
    is_due = requested and observation.configured and Aspect.CLIENT in sees
    return (
        *found,
        *(messages.answered(expectation, observation) if is_due else ()),
        *inside.unimplemented(expectation, observation),
        *_snapshot(expectation, observation),
    )


def _snapshot(expectation: Expectation, observation: Observation) -> Iterator[Mismatch]:
    if expectation.snapshot is not None:
        yield snapshots.snapshot(expectation.snapshot, observation)
