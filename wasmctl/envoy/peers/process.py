"""Our end of the peers' process: start it, tell it what to do, read what it saw."""

import contextlib
import os
import socket
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from wasmctl import processes
from wasmctl.envoy.peers import protocol, scripts
from wasmctl.envoy.peers.door import bound
from wasmctl.envoy.peers.parts import Codec, Reset, Rule, Script
from wasmctl.envoy.peers.protocol import Begin, Command, Done, Requests, Until
from wasmctl.envoy.peers.received import Answer, Received
from wasmctl.errors import EnvoyFailedError
from wasmctl.messages import Message
from wasmctl.processes import Process

LOOPBACK = "127.0.0.1"
_ANY_PORT = (LOOPBACK, 0)
_STREAM = "stream"
_CONNECTION = "connection"

_Result = TypeVar("_Result")


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

    def follow(self, upstream: str, rules: Sequence[Rule]) -> None:
        """Let an upstream follow these rules from its next request on: the first that fits.

        What none is for is held: a request once it is whole, a TCP connection at once.
        """
        self._tell(protocol.SetRules(upstream=upstream, rules=tuple(rules)))

    def reply(self, upstream: str, message: Message) -> None:
        """Let an upstream answer its next requests with ``message``."""
        self.follow(upstream, [Rule(script=scripts.reply(message))])

    def refuse(self, upstream: str, *, refusing: bool = True) -> None:
        """Close an upstream's port and its connections, or open the port again."""
        self._tell(protocol.SetRefusing(upstream=upstream, refusing=refusing))

    def release(self, upstream: str, script: Script, *, request: int | None = None) -> bool:
        """Go on with a request that an upstream holds; False where none is held.

        ``request`` is its number in ``seen``; without it, the oldest that is held. A script that
        ends with a hold can be gone on with again.
        """
        command = protocol.Release(upstream=upstream, script=script, request=request)
        return self._ask(command, Done).did

    def seen(
        self, upstream: str, *, begun: int = 0, ended: int = 0, seconds: float = 0.0
    ) -> tuple[Received, ...]:
        """Return the requests (of TCP: connections) that an upstream has seen since ``forget``.

        They stand in the order of their beginning. Wait until so many have begun and so many
        have ended, but no longer than ``seconds``.
        """
        command = protocol.Look(upstream=upstream, begun=begun, ended=ended, seconds=seconds)
        return self._ask(command, Requests).requests

    def begin(
        self,
        port: int,
        script: Script,
        *,
        codec: Codec = Codec.HTTP2,
        stream: str = _STREAM,
        connection: str = _CONNECTION,
        source: str = LOOPBACK,
    ) -> None:
        """Begin a stream of the client.

        What Envoy gets of a body before it is connected to the upstream, it joins. Where each
        frame is to reach the upstream on its own, begin with the headers, let ``seen`` wait for
        them, and ``go_on`` with the rest.

        Args:
            port: where to.
            script: what the client does in it.
            codec: what it speaks.
            stream: the name by which the stream can be waited for and go on.
            connection: the name of the connection, which is used again where it can be.
            source: the address of this machine from which a new connection comes.

        """
        begun = Begin(
            stream=stream,
            port=port,
            codec=codec,
            connection=connection,
            script=script,
            source=source,
        )
        self.begin_all([begun])

    def begin_all(self, begins: Sequence[Begin]) -> None:
        """Begin streams of the client, without a pause between them."""
        self._results(begins, Done)

    def go_on(self, script: Script, *, stream: str = _STREAM, instead: bool = False) -> None:
        """Let a stream do more, behind what it has to do still or ``instead`` of it."""
        self._tell(protocol.GoOn(stream=stream, script=script, instead=instead))

    def give_up(self, *, stream: str = _STREAM) -> None:
        """Let the client reset a stream now."""
        self.go_on((Reset(),), stream=stream, instead=True)

    def wait(
        self,
        *,
        seconds: float,
        stream: str = _STREAM,
        until: Until = Until.DONE,
        quiet: float | None = None,
        held: bool = False,
    ) -> Answer:
        """Wait until a stream has come so far or ended; return what it has got.

        Args:
            seconds: the longest time.
            stream: the stream's name.
            until: how far.
            quiet: return, too, when nothing has happened anywhere for so many seconds.
            held: return, too, when an upstream holds a request that it did not hold before.

        """
        command = protocol.Wait(stream=stream, until=until, seconds=seconds, quiet=quiet, held=held)
        return self._ask(command, Answer)

    def answers(self, streams: Iterable[str]) -> list[Answer]:
        """Return what streams have got until now."""
        looks = [
            protocol.Wait(stream=name, until=Until.DONE, seconds=0, quiet=None, held=False)
            for name in streams
        ]
        return self._results(looks, Answer)

    def send(self, port: int, request: Message, *, seconds: float) -> Answer:
        """Send a request, and return the answer as soon as it has ended, or after ``seconds``.

        What is not sent of the request when the whole answer is here is not sent any more.
        """
        self.begin(port, scripts.cut(request))
        answer = self.wait(seconds=seconds)
        if answer.ended and not answer.is_sent:
            self.give_up()
        return answer

    def forget(self) -> None:
        """Close all connections, forget rules and requests, open all ports."""
        self._tell(protocol.Forget())

    def _tell(self, command: Command) -> None:
        self._ask(command, Done)

    def _ask(self, command: Command, kind: type[_Result]) -> _Result:
        return self._results([command], kind)[0]

    def _results(self, commands: Sequence[Command], kind: type[_Result]) -> list[_Result]:
        self._write("".join(map(protocol.line, commands)))
        return [self._result(kind) for _ in commands]

    def _result(self, kind: type[_Result]) -> _Result:
        line = self._read()
        try:
            result = protocol.value(line)
        except (ValueError, KeyError) as error:
            raise self._failure(line) from error
        if not isinstance(result, kind):
            raise self._failure(line)
        return result

    def _write(self, lines: str) -> None:
        sink = self._process.stdin
        if sink and not sink.closed:  # else they have failed before
            with contextlib.suppress(BrokenPipeError):
                sink.write(lines)
                sink.flush()

    def _read(self) -> str:
        source, sink = self._process.stdout, self._process.stdin
        return source.readline() if source and sink and not sink.closed else ""

    def _failure(self, first: str) -> EnvoyFailedError:
        """Return the error for peers that said what is no result: a traceback, or nothing."""
        if self._process.stdin:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()  # they end with it, where they have not yet
        rest = self._process.stdout.read() if self._process.stdout else ""
        return EnvoyFailedError(
            "the process of the test client and the upstreams ended",
            hint="run the command again; if it happens again, report it with these lines",
            details=tuple((first + rest).splitlines()),
        )


@contextlib.contextmanager
def started(upstreams: Sequence[str], *, tcp: Sequence[str] = ()) -> Iterator[Peers]:
    """Start the peers, with an upstream on a free port for each name; end them with the block.

    Those in ``tcp`` speak TCP, the others HTTP/1 or HTTP/2, as they are spoken to. The ports are
    known at once, while the process is still starting.
    """
    names = [*upstreams, *(protocol.TCP + name for name in tcp)]
    sockets = {name: _listening() for name in names}
    ports = {
        name.removeprefix(protocol.TCP): opened.getsockname()[1] for name, opened in sockets.items()
    }
    with contextlib.ExitStack() as stack:
        try:
            process = stack.enter_context(_process(sockets))
        finally:
            for opened in sockets.values():
                opened.close()  # the peers have their own
        yield Peers(process, ports)


def _listening() -> socket.socket:
    opened = bound(_ANY_PORT)
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
