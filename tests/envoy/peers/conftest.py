"""The peers, started once for the tests of a module."""

from collections.abc import Iterator

import pytest

from wasmctl.envoy.peers import process
from wasmctl.envoy.peers.process import Peers


@pytest.fixture(scope="module")
def running() -> Iterator[Peers]:
    """Peers with two upstreams for HTTP and one for TCP."""
    with process.started(["one", "two"], tcp=["raw"]) as peers:
        yield peers


@pytest.fixture
def peers(running: Peers) -> Peers:
    """Peers that remember nothing."""
    running.forget()
    return running
