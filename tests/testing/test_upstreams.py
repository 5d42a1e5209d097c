"""Which rule a callout meets."""

from wasmctl import messages
from wasmctl.messages import Message
from wasmctl.outcomes import HELD, Failure, Outcome, reply
from wasmctl.testing.upstreams import Rule, Upstream, Upstreams

OK = reply(messages.response(200))
CALLOUT = messages.request("/v1/a-b", method="POST")


def is_put(callout: Message) -> bool:
    return callout.values(b":method") == (b"PUT",)


def is_any(_callout: Message) -> bool:
    return True


def rule(place: str, outcome: Outcome, *, times: int | None = None, any_: bool = True) -> Rule:
    fits = is_any if any_ else is_put
    return Rule(place=place, fits=fits, outcome=outcome, times=times, must_be_used=True)


def test_the_first_rule_that_fits_and_is_left_is_met() -> None:
    rules = (rule("a", HELD, any_=False), rule("b", OK, times=1), rule("c", HELD))
    upstreams = Upstreams({"auth": Upstream(rules=rules)})

    met = [upstreams.outcome("auth", CALLOUT) for _ in range(3)]

    assert met == [OK, HELD, HELD]
    assert upstreams.unused() == ("a",)
    assert upstreams.unmatched == []


def test_what_no_rule_is_for_has_the_answer_of_all_others() -> None:
    upstreams = Upstreams({"auth": Upstream(rules=(rule("a", HELD, any_=False),), otherwise=OK)})

    assert upstreams.outcome("auth", CALLOUT) == OK
    assert upstreams.unmatched == []


def test_what_nobody_answers_is_reset_and_told_with_a_rule_to_paste() -> None:
    upstreams = Upstreams({"auth": Upstream()})
    odd = messages.request("/a?b=[1]")

    met = [upstreams.outcome("auth", callout) for callout in (CALLOUT, odd)]

    assert met == [Outcome(failure=Failure.RESET)] * 2
    assert upstreams.unmatched == [
        "a callout to auth without a rule: {when: {method: POST, path: /v1/a-b}, reply: 200}",
        'a callout to auth without a rule: {when: {method: GET, path: "/a?b=[1]"}, reply: 200}',
    ]
