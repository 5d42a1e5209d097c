"""What tests of targets send."""

from wasmctl import messages, outcomes
from wasmctl.messages import Message
from wasmctl.plugin import Plugin
from wasmctl.testing.targets.base import PluginSetup, Sending, Session, Setup, Until

REQUEST = messages.request("/")
REPLY = messages.response(200)


def setup_of(tested: Plugin, key: str = "test") -> Setup:
    """Return what is to be there for a test of one plugin."""
    return Setup(key=key, plugins=(PluginSetup(plugin=tested),))


def exchange(session: Session, request: Message = REQUEST, reply: Message = REPLY) -> None:
    """Send a request, and wait for the end of the answer."""
    sending = Sending(request=request, origin=outcomes.reply(reply))
    session.send(sending)
    session.wait(sending.stream, Until.DONE)
