"""One Envoy of each release for all cases of a worker."""

from collections.abc import Iterator

import pytest

from tests.conformance.on_envoy import Machine, started


@pytest.fixture(scope="session")
def envoy() -> Iterator[Machine]:
    with started() as machine:
        yield machine
