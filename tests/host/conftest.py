"""Hosts that end with the test, over both ways of calling."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol, TypedDict, Unpack

import pytest

from wasmctl.abi.types import LogLevel
from wasmctl.host import Host, Limits
from wasmctl.host.clusters import Cluster
from wasmctl.host.given import Given, PropertyPath
from wasmctl.plugin import Plugin


class Options(TypedDict, total=False):
    """What `Host.start` takes besides the plugin."""

    configuration: bytes
    name: str
    root_id: str
    vm_id: str
    vm_configuration: bytes
    environment: Mapping[str, str]
    limits: Limits
    cache: Path
    log_level: LogLevel
    seed: int
    clusters: Mapping[str, Cluster]
    names: Mapping[str, Sequence[str]]
    properties: Mapping[PropertyPath, Given]


class Start(Protocol):
    """`Host.start`, with the calls of this round of the test."""

    def __call__(self, plugin: Plugin | bytes, **options: Unpack[Options]) -> Host: ...


@pytest.fixture(params=[True, False], ids=["fast", "plain"])
def fast_calls(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def start(*, fast_calls: bool) -> Iterator[Start]:
    with ExitStack() as hosts:

        def begin(plugin: Plugin | bytes, **options: Unpack[Options]) -> Host:
            return hosts.enter_context(Host.start(plugin, fast_calls=fast_calls, **options))

        yield begin
