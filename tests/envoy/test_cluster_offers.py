"""Clusters given to a running Envoy."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from wasmctl.envoy import engines, launch
from wasmctl.envoy.bootstrap import Cluster
from wasmctl.envoy.launch import Envoy
from wasmctl.errors import EnvoyFailedError

ONE = Cluster(name="one", port=1, statistics="first", metadata={"filter_metadata": {"a": {"b": 1}}})


@pytest.fixture(scope="module")
def envoy() -> Iterator[Envoy]:
    with launch.launched(engines.choose(), []) as envoy:
        yield envoy


def names(envoy: Envoy) -> set[str]:
    return {line.split("::")[0] for line in envoy.admin.text("/clusters").splitlines()}


def test_envoy_has_just_the_clusters_that_were_offered_last(envoy: Envoy) -> None:
    envoy.clusters.offer([ONE, Cluster(name="two", port=None)])
    before = names(envoy)

    envoy.clusters.offer([ONE])

    assert (before, names(envoy)) == ({"one", "two"}, {"one"})


def test_a_cluster_changes_in_its_place(envoy: Envoy) -> None:
    envoy.clusters.offer([ONE])

    envoy.clusters.offer([replace(ONE, port=2, speaks_http1=True)])

    assert "one::127.0.0.1:2::" in envoy.admin.text("/clusters")


def test_what_envoy_does_not_take_is_an_error(envoy: Envoy) -> None:
    with pytest.raises(EnvoyFailedError, match="Envoy refused the clusters"):
        envoy.clusters.offer([replace(ONE, port=70_000)])
