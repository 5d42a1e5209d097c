"""An Envoy for tests that only look at one."""

from collections.abc import Iterator

import pytest

from wasmctl.envoy import launch, locate
from wasmctl.envoy.bootstrap import Cluster
from wasmctl.envoy.launch import Envoy


@pytest.fixture(scope="module")
def envoy() -> Iterator[Envoy]:
    """A running Envoy whose upstream refuses connections."""
    with launch.launched(locate.locate(), [Cluster(name="upstream", port=1)]) as envoy:
        yield envoy
