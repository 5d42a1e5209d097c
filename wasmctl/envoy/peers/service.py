"""The peers' side of the conversation: a command a line comes in, an answer a line goes out."""

import os
import socket
from collections.abc import Sequence

from wasmctl.envoy.peers import protocol
from wasmctl.envoy.peers.client import Client
from wasmctl.envoy.peers.loop import Loop
from wasmctl.envoy.peers.protocol import Document
from wasmctl.envoy.peers.upstream import Upstream

_INPUT = 0
_OUTPUT = 1
_READ_SIZE = 65536


class Service:
    """The client, and an upstream for each ``name=number`` of an open, listening socket."""

    def __init__(self, upstreams: Sequence[str]) -> None:
        self._loop = Loop()
        self._input = b""
        self._client = Client(self._loop)
        self._upstreams = dict(self._upstream(part) for part in upstreams)
        self._loop.watch(_INPUT, self._read)

    def _upstream(self, part: str) -> tuple[str, Upstream]:
        name, _, number = part.rpartition("=")
        return name, Upstream(socket.socket(fileno=int(number)), self._loop)

    def serve(self) -> None:
        """Do commands until the input ends."""
        while True:
            while b"\n" not in self._input:
                self._loop.turn(None)
            command, _, self._input = self._input.partition(b"\n")
            answer = self._do(protocol.document(command))
            _write(protocol.line(answer).encode())

    def _read(self) -> None:
        content = os.read(_INPUT, _READ_SIZE)
        if not content:
            raise SystemExit  # whoever started us has gone
        self._input += content

    def _do(self, command: Document) -> Document:
        match command["do"]:
            case "reply":
                reply = protocol.to_message(command["message"])
                self._upstreams[command["upstream"]].reply = reply
            case "send":
                self._client.send(command["port"], protocol.to_message(command["message"]))
                return self._wait(command["seconds"])
            case "wait":
                return self._wait(command["seconds"])
            case "give up":
                self._client.give_up()
            case "seen":
                return self._seen(command)
            case "forget":
                self._forget()
            case unknown:
                raise ValueError(unknown)
        return {}

    def _wait(self, seconds: float) -> Document:
        self._client.wait(seconds)
        answer = self._client.answer
        received = protocol.from_received(answer.received) if answer.headers is not None else None
        return {"received": received, "ended": self._client.has_ended}

    def _seen(self, command: Document) -> Document:
        self._loop.drain()
        seen = self._upstreams[command["upstream"]].seen
        return {"requests": [protocol.from_received(request.received) for request in seen]}

    def _forget(self) -> None:
        self._loop.drain()
        self._loop.close_all()
        for upstream in self._upstreams.values():
            upstream.forget()


def _write(content: bytes) -> None:
    while content:
        content = content[os.write(_OUTPUT, content) :]
