"""A session that shows what it is told to show, and remembers what it was asked to do."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from wasmctl.outcomes import Outcome
from wasmctl.testing.callbacks import CallbackSeen, Called
from wasmctl.testing.observation import Observation
from wasmctl.testing.targets.base import PATIENCE, Sending, Until
from wasmctl.testing.upstreams import Upstreams


@dataclass
class FakeSession:
    """Shows the same for every stream.

    Attributes:
        reaches: what a stream can be waited for.
        held: clusters that hold a callout.
        refusal: why a plugin does not take another configuration, if it does not.
        played: the events, in order.

    """

    show: Callable[[], Observation]
    on_send: Callable[[Sending], None] = lambda _sending: None
    reaches: Iterable[Until] = tuple(Until)
    held: Iterable[str] = ()
    refusal: str | None = None
    upstreams: Upstreams = field(default_factory=lambda: Upstreams({}))
    played: list[str] = field(default_factory=list)

    def send(self, *sendings: Sending) -> None:
        self.played.append(f"send {', '.join(sending.stream for sending in sendings)}")
        for sending in sendings:
            self.on_send(sending)

    def wait(self, stream: str, until: Until, patience: int = PATIENCE) -> bool:
        del patience
        self.played.append(f"wait {stream} {until}")
        return until in self.reaches

    def wait_for_all(self, streams: Sequence[str], patience: int = PATIENCE) -> None:
        del patience
        self.played.append(f"wait {', '.join(streams)}")

    def answer_callout(self, cluster: str, number: int, outcome: Outcome) -> bool:
        del outcome
        self.played.append(f"answer {cluster} {number}")
        return cluster in self.held

    def answer_stream(self, stream: str, outcome: Outcome) -> bool:
        del outcome
        self.played.append(f"answer {stream}")
        return stream in self.held

    def advance(self, nanoseconds: int) -> None:
        self.played.append(f"advance {nanoseconds}")

    def reconfigure(self, plugin: str | None, configuration: bytes) -> str | None:
        self.played.append(f"reconfigure {plugin} {configuration.decode()}")
        return self.refusal

    def restart_vm(self) -> None:
        self.played.append("restart_vm")

    def cancel(self, stream: str) -> None:
        self.played.append(f"cancel {stream}")

    def set_shared_data(self, vm_id: str, key: bytes, value: bytes) -> None:
        self.played.append(f"set {vm_id} {key.decode()} {value.decode()}")

    def enqueue(self, vm_id: str, queue: str, data: bytes) -> bool:
        self.played.append(f"enqueue {vm_id} {queue} {data.decode()}")
        return queue in self.held

    def callback(self, called: Called) -> CallbackSeen:
        self.played.append(f"callback {called.callback}")
        return CallbackSeen()

    def observation(self, stream: str | None = None) -> Observation:
        del stream
        return self.show()

    def notes(self) -> tuple[str, ...]:
        return ()
