import os

from wasmctl.envoy.journal import Journal


def test_entries_are_what_has_the_form() -> None:
    journal = Journal(["info|wasm|1|a\n", "0x00 crash\n", "info|wasm|1|b\n"])
    journal.join()

    assert [entry.text for entry in journal.entries()] == ["a", "b"]
    assert [entry.text for entry in journal.entries(1)] == ["b"]
    assert journal.tail(2) == ("0x00 crash", "info|wasm|1|b")


def test_a_line_is_waited_for() -> None:
    source, sink = os.pipe()
    with os.fdopen(source) as output, os.fdopen(sink, "w") as writer:
        journal = Journal(output)
        writer.write("info|wasm|1|here\n")
        writer.flush()

        assert journal.wait_for("here", since=0, patience=30)
        writer.close()
        journal.join()


def test_a_line_before_the_place_does_not_count() -> None:
    journal = Journal(["info|wasm|1|here\n"])
    journal.join()

    assert not journal.wait_for("here", since=1, patience=30)


def test_the_wait_for_a_line_ends_in_time() -> None:
    source, sink = os.pipe()
    with os.fdopen(source) as output, os.fdopen(sink, "w") as writer:
        journal = Journal(output)

        assert not journal.wait_for("never", since=0, patience=0.01)
        writer.close()
        journal.join()
