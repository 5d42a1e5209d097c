"""Our end of the peers' process: start it, tell it what to do, read what it saw."""

import contextlib
import os
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence

from wasmctl import processes
from wasmctl.envoy.peers import protocol
from wasmctl.envoy.peers.protocol import Answer, Document, Received
from wasmctl.errors import EnvoyFailedError
from wasmctl.messages import Message
from wasmctl.processes import Process

_ANY_PORT = ("127.0.0.1", 0)


class Peers:
    """The running peers.

    Attributes:
        ports: the port of each upstream, by its name.

    """

    def __init__(self, process: Process, ports: Mapping[str, int]) -> None:
        self.ports = ports
        self._process = process

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def reply(self, upstream: str, message: Message) -> None:
        """Let an upstream answer its next requests with ``message``."""
        self._ask({"do": "reply", "upstream": upstream, "message": protocol.from_message(message)})

    def send(self, port: int, request: Message, *, seconds: float) -> Answer:
        """Send a request, and return the answer as soon as it has ended, or after ``seconds``."""
        message = protocol.from_message(request)
        command = {"do": "send", "port": port, "message": message, "seconds": seconds}
        return protocol.to_answer(self._ask(command))

    def wait(self, *, seconds: float) -> Answer:
        """Wait on for the answer to the last request."""
        return protocol.to_answer(self._ask({"do": "wait", "seconds": seconds}))

    def give_up(self) -> None:
        """Let the client reset the stream of its last request."""
        self._ask({"do": "give up"})

    def seen(self, upstream: str) -> tuple[Received, ...]:
        """Return the requests that an upstream has seen since ``forget``, in order."""
        found = self._ask({"do": "seen", "upstream": upstream})["requests"]
        return tuple(protocol.to_received(document) for document in found)

    def forget(self) -> None:
        """Close all connections, and forget replies and requests."""
        self._ask({"do": "forget"})

    def _ask(self, command: Document) -> Document:
        source, sink = self._process.stdout, self._process.stdin
        answer = ""
        if source and sink:
            with contextlib.suppress(BrokenPipeError):
                sink.write(protocol.line(command))
                sink.flush()
            answer = source.readline()
        try:
            return protocol.document(answer)
        except ValueError as error:
            rest = source.read() if source else ""
            raise EnvoyFailedError(
                "the process of the test client and the upstreams ended",
                hint="run the command again; if it happens again, report it with these lines",
                details=tuple((answer + rest).splitlines()),
            ) from error


@contextlib.contextmanager
def started(upstreams: Sequence[str]) -> Iterator[Peers]:
    """Start the peers, with an upstream on a free port for each name; end them with the block.

    The ports are known at once, while the process is still starting.
    """
    sockets = {name: _listening() for name in upstreams}
    ports = {name: opened.getsockname()[1] for name, opened in sockets.items()}
    with contextlib.ExitStack() as stack:
        try:
            process = stack.enter_context(_process(sockets))
        finally:
            for opened in sockets.values():
                opened.close()  # the peers have their own
        yield Peers(process, ports)


def _listening() -> socket.socket:
    opened = socket.socket()
    opened.bind(_ANY_PORT)
    opened.listen()
    return opened


def _process(
    sockets: Mapping[str, socket.socket],
) -> contextlib.AbstractContextManager[Process]:
    upstreams = [f"{name}={opened.fileno()}" for name, opened in sockets.items()]
    return processes.companion(
        [sys.executable, "-P", "-m", "wasmctl.envoy.peers", *upstreams],
        inherit=tuple(opened.fileno() for opened in sockets.values()),
        # The same modules as here, however this interpreter found them.
        environment={"PYTHONPATH": os.pathsep.join(sys.path)},
    )
