"""Hosts that end with the test, over both ways of calling."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, Protocol

import pytest

from wasmctl.host import Host


class Start(Protocol):
    """`Host.start`, with the calls of this round of the test."""

    def __call__(self, plugin: bytes, **options: Any) -> Host: ...


@pytest.fixture(params=[True, False], ids=["fast", "plain"])
def fast_calls(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def start(*, fast_calls: bool) -> Iterator[Start]:
    with ExitStack() as hosts:

        def begin(plugin: bytes, **options: Any) -> Host:
            return hosts.enter_context(Host.start(plugin, fast_calls=fast_calls, **options))

        yield begin
