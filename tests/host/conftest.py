"""Hosts that end with the test, over both ways of calling."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Protocol, Unpack

import pytest

from wasmctl.host import Host
from wasmctl.host.options import StartOptions
from wasmctl.plugin import Plugin


class Start(Protocol):
    """`Host.start`, with the calls of this round of the test."""

    def __call__(self, plugin: Plugin | bytes, **options: Unpack[StartOptions]) -> Host: ...


@pytest.fixture(params=[True, False], ids=["fast", "plain"])
def fast_calls(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def start(*, fast_calls: bool) -> Iterator[Start]:
    with ExitStack() as hosts:

        def begin(plugin: Plugin | bytes, **options: Unpack[StartOptions]) -> Host:
            given: StartOptions = {"fast_calls": fast_calls}
            given.update(options)
            return hosts.enter_context(Host.start(plugin, **given))

        yield begin
