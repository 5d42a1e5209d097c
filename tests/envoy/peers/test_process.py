import os
import signal
import socket
import subprocess
import sys

import pytest

from wasmctl import messages
from wasmctl.envoy.peers import process, scripts
from wasmctl.envoy.peers.parts import Data
from wasmctl.envoy.peers.process import Peers
from wasmctl.envoy.peers.received import Answer, Ending
from wasmctl.errors import EnvoyFailedError

_SECONDS = 30.0


def test_the_client_gets_what_the_upstream_was_told_to_answer(peers: Peers) -> None:
    reply = messages.response(
        201,
        headers=((b"x-bytes", b"\xff"),),
        chunks=(b"a", b"b"),
        trailers=((b"x-sum", b"2"),),
    )
    peers.reply("one", reply)

    answer = peers.send(peers.ports["one"], messages.request("/"), seconds=_SECONDS)

    assert answer.ended
    assert answer.received
    assert answer.received.message == reply
    assert answer.received.complete


def test_the_upstream_tells_what_it_has_seen_in_order(peers: Peers) -> None:
    requests = [messages.request(f"/{number}", chunks=(b"x", b"y")) for number in range(3)]
    peers.reply("one", messages.response(200))

    for request in requests:
        peers.send(peers.ports["one"], request, seconds=_SECONDS)

    assert [seen.message for seen in peers.seen("one")] == requests
    assert peers.seen("two") == ()


def test_each_upstream_has_its_own_answer(peers: Peers) -> None:
    peers.reply("one", messages.response(201))
    peers.reply("two", messages.response(202))

    answers = [
        peers.send(peers.ports[name], messages.request("/"), seconds=_SECONDS)
        for name in ("one", "two")
    ]

    received = [answer.received for answer in answers]
    assert [each.message.status for each in received if each] == [201, 202]


def test_peers_that_forget_have_seen_nothing(peers: Peers) -> None:
    peers.reply("one", messages.response(200))
    peers.send(peers.ports["one"], messages.request("/"), seconds=_SECONDS)

    peers.forget()

    assert peers.seen("one") == ()


def test_a_client_waits_only_so_long(peers: Peers) -> None:
    answer = peers.send(peers.ports["one"], messages.request("/"), seconds=0.05)

    assert answer == Answer(received=None, ending=Ending.OPEN)
    assert peers.wait(seconds=0.05) == answer


def test_a_client_that_gives_up_resets_its_stream(peers: Peers) -> None:
    peers.begin(peers.ports["one"], scripts.open_ended(messages.request("/")))
    peers.seen("one", begun=1, seconds=_SECONDS)

    peers.give_up()

    assert [seen.code for seen in peers.seen("one", ended=1, seconds=_SECONDS)] == [8]


def test_a_port_that_nobody_listens_on_gives_no_answer(peers: Peers) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))

        answer = peers.send(bound.getsockname()[1], messages.request("/"), seconds=_SECONDS)

    assert answer == Answer(received=None, ending=Ending.REFUSED)


def test_peers_that_died_are_an_error() -> None:
    with process.started([]) as peers:
        os.kill(peers.pid, signal.SIGKILL)

        with pytest.raises(EnvoyFailedError, match="process of the test client"):
            peers.forget()


def test_a_fault_of_the_peers_is_shown_with_its_lines() -> None:
    with process.started([]) as peers, pytest.raises(EnvoyFailedError) as caught:
        peers.seen("unknown")

    assert caught.value.details[0] == "Traceback (most recent call last):"
    assert "KeyError: 'unknown'" in caught.value.details


def test_a_script_that_cannot_be_played_is_shown_with_its_lines() -> None:
    with process.started(["one"]) as peers:
        peers.begin(peers.ports["one"], (Data(content=b"before any headers"),))

        with pytest.raises(EnvoyFailedError) as caught:
            peers.wait(seconds=_SECONDS)

    assert any("NoSuchStreamError" in line for line in caught.value.details)


def test_peers_that_failed_stay_failed() -> None:
    with process.started([]) as peers:
        for _ in range(2):
            with pytest.raises(EnvoyFailedError, match="process of the test client"):
                peers.seen("unknown")


def test_peers_end_with_their_input() -> None:
    command = [sys.executable, "-m", "wasmctl.envoy.peers"]

    ended = subprocess.run(command, input=b"", capture_output=True, check=False)

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")
