"""The peers' side of the conversation: a command a line comes in, a result a line goes out."""

import os
import socket
from collections.abc import Sequence

from wasmctl.envoy.peers import protocol
from wasmctl.envoy.peers.client import Client
from wasmctl.envoy.peers.loop import Loop
from wasmctl.envoy.peers.protocol import (
    Begin,
    Done,
    Forget,
    GoOn,
    Look,
    Release,
    Requests,
    Result,
    SetRefusing,
    SetRules,
    Wait,
)
from wasmctl.envoy.peers.received import Answer, Ending
from wasmctl.envoy.peers.upstream import Upstream

_INPUT = 0
_OUTPUT = 1
_READ_SIZE = 65536


class Service:
    """The client, and an upstream for each ``name=number`` of an open, listening socket.

    The name of one that speaks TCP stands behind ``tcp:``.
    """

    def __init__(self, upstreams: Sequence[str]) -> None:
        self._loop = Loop()
        self._input = b""
        self._client = Client(self._loop)
        self._upstreams = dict(self._upstream(part) for part in upstreams)
        self._told: set[tuple[str, int]] = set()
        self._loop.watch(_INPUT, self._read)

    def _upstream(self, part: str) -> tuple[str, Upstream]:
        name, _, number = part.rpartition("=")
        listening = socket.socket(fileno=int(number))
        is_tcp = name.startswith(protocol.TCP)
        return name.removeprefix(protocol.TCP), Upstream(listening, self._loop, is_tcp=is_tcp)

    def serve(self) -> None:
        """Do commands until the input ends."""
        while True:
            while b"\n" not in self._input:
                self._loop.turn(None)
            command, _, self._input = self._input.partition(b"\n")
            result = self._do(protocol.value(command))
            _write(protocol.line(result).encode())

    def _read(self) -> None:
        content = os.read(_INPUT, _READ_SIZE)
        if not content:
            raise SystemExit  # whoever started us has gone
        self._input += content

    def _do(self, command: object) -> Result:
        match command:
            case Begin():
                self._client.begin(command)
            case GoOn():
                self._client.go_on(command.stream, command.script, instead=command.instead)
            case Wait():
                return self._wait(command)
            case Forget():
                self._forget()
            case _:
                return self._do_upstream(command)
        return Done()

    def _do_upstream(self, command: object) -> Result:
        match command:
            case SetRules():
                self._upstreams[command.upstream].follow(command.rules)
            case SetRefusing():
                self._upstreams[command.upstream].refuse(refusing=command.refusing)
            case Release():
                self._loop.drain()
                upstream = self._upstreams[command.upstream]
                return Done(did=upstream.release(command.script, command.request))
            case Look():
                return self._look(command)
            case unknown:
                raise ValueError(unknown)
        return Done()

    def _wait(self, command: Wait) -> Answer:
        stream = self._client.streams[command.stream]
        self._loop.until(
            lambda: stream.has_come_to(command.until) or (command.held and self._holds_more()),
            seconds=command.seconds,
            quiet=command.quiet,
        )
        return stream.answer

    def _holds_more(self) -> bool:
        held = {
            (name, number)
            for name, upstream in self._upstreams.items()
            for number, exchange in enumerate(upstream.seen)
            if exchange.is_held
        }
        more = held - self._told
        self._told |= more
        return bool(more)

    def _look(self, command: Look) -> Requests:
        upstream = self._upstreams[command.upstream]

        def is_enough() -> bool:
            endings = [exchange.incoming.ending for exchange in upstream.seen]
            ended = [ending for ending in endings if ending is not Ending.OPEN]
            return len(endings) >= command.begun and len(ended) >= command.ended

        self._loop.until(is_enough, seconds=command.seconds)
        return Requests(requests=tuple(exchange.received for exchange in upstream.seen))

    def _forget(self) -> None:
        self._loop.drain()
        self._loop.close_all()
        self._client.forget()
        self._told.clear()
        for upstream in self._upstreams.values():
            upstream.forget()


def _write(content: bytes) -> None:
    while content:
        content = content[os.write(_OUTPUT, content) :]
