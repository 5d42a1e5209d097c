"""Shared queue hostcalls: their statuses, and the notice of what was added."""

from tests.host.conftest import Start
from tests.host.plugins import OUT, VALUE, Statement, plugin
from tests.host.texts import texts
from wasmctl import messages

REGISTER: Statement = ("?proxy_register_shared_queue", b"q", 24)
DEQUEUE: list[Statement] = [("?proxy_dequeue_shared_queue", 1, *OUT), VALUE]


def test_a_queue_gives_what_it_got(start: Start) -> None:
    calls: list[Statement] = [
        REGISTER,
        ("?proxy_resolve_shared_queue", b"", b"q", 24),
        ("?proxy_resolve_shared_queue", b"v", b"q", 24),
        ("?proxy_enqueue_shared_queue", 1, b"value"),
        *DEQUEUE,
    ]
    host = start(plugin({"configure": calls}), vm_id="v")

    assert texts(host) == ["00", "00", "00", "00", "00", "value"]


def test_what_is_unknown_is_not_found(start: Start) -> None:
    calls: list[Statement] = [
        ("?proxy_resolve_shared_queue", b"", b"q", 24),
        ("?proxy_resolve_shared_queue", b"other", b"q", 24),
        ("?proxy_enqueue_shared_queue", 1, b"value"),
        ("?proxy_dequeue_shared_queue", 1, *OUT),
    ]
    host = start(plugin({"configure": calls}))

    assert texts(host) == ["01", "01", "01", "01"]


def test_a_queue_without_values_is_empty(start: Start) -> None:
    host = start(plugin({"configure": [REGISTER, ("?proxy_dequeue_shared_queue", 1, *OUT)]}))

    assert texts(host) == ["00", "07"]


def test_bad_pointers_are_refused(start: Start) -> None:
    calls: list[Statement] = [
        ("?proxy_register_shared_queue", -1, 2, 24),
        ("?proxy_resolve_shared_queue", b"", -1, 2, 24),
        ("?proxy_enqueue_shared_queue", 1, -1, 2),
    ]
    host = start(plugin({"configure": calls}))

    assert texts(host) == ["06", "06", "06"]


def test_the_owner_hears_of_each_value_when_the_callback_is_over(start: Start) -> None:
    log = "(drop (call $proxy_log (i32.const 2) (i32.const 32) (i32.const 5)))"
    store = "(i64.store (i32.const 32) (i64.const 0x7265746661))"  # after
    calls: list[Statement] = [
        ("proxy_enqueue_shared_queue", 1, b"a"),
        ("proxy_enqueue_shared_queue", 1, b"b"),
        store,
        log,
    ]
    host = start(
        plugin({"configure": [REGISTER], "request_headers": calls, "queue_ready": DEQUEUE})
    )

    host.http(messages.request("/"))

    assert texts(host) == ["00", "after", "00", "a", "00", "b"]


def test_a_tester_puts_values_in_and_reads_them(start: Start) -> None:
    host = start(plugin({"configure": [REGISTER], "queue_ready": DEQUEUE}), vm_id="v")

    host.queues.put("v", b"q", b"seed")
    waiting = host.queues.contents("v", b"q")
    host.advance(0)

    assert waiting == (b"seed",)
    assert texts(host) == ["00", "00", "seed"]
    assert host.queues.contents("v", b"q") == ()
