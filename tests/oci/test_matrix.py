"""Who loads which image: the gate's verdicts on images that others wrote.

Docker's and containerd's are compared with what Docker and containerd really do. The gateways'
are those measured with Istio's own fetcher on images of the same forms.
"""

import gzip
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.command import run
from tests.docker_engine import DockerEngine
from tests.oci import containerd, foreign
from tests.oci.containerd import Containerd
from tests.oci.docker_registry import DockerRegistry
from tests.oci.foreign import SOLO_CONFIG, SOLO_WASM, File
from tests.oci.samples import HTTP, image_of, plugin_bytes
from wasmctl import oci
from wasmctl.oci import gate
from wasmctl.oci import reference as references
from wasmctl.oci.consumers import CONSUMERS

_MODULE = plugin_bytes()
_TAR = foreign.tar(plugin_wasm=_MODULE)
_README = File(
    name="README.md", media_type="application/vnd.module.wasm.doc.v1+markdown", content=b"read me"
)
_SPEC = File(
    name="spec.yaml", media_type="application/vnd.module.wasm.spec.v1+yaml", content=b"spec: {}"
)
_SOLO = File(name="plugin.wasm", media_type=SOLO_WASM, content=_MODULE)
_RUNTIME = File(name="runtime-config.json", media_type=SOLO_CONFIG, content=b"{}")

_GATEWAYS = ("istio", "envoy-gateway", "higress")
_CONTAINERS = ("google", "containerd", "docker")
_NOT_WKG = (*_GATEWAYS, *_CONTAINERS)


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where an image is made, and by whom it can be."""

    name: str
    folder: Path
    engine: DockerEngine

    def oras(self, *layers: File, about: File | None = None) -> str:
        foreign.push_with_oras(self.name, self.folder, *layers, about=about)
        return self.name

    def docker(self, **files: bytes) -> str:
        foreign.push_with_docker(self.engine, self.name, self.folder, **files)
        return self.name

    def index(self, platform: str = "") -> str:
        child = f"{self.name.rpartition(':')[0]}:child"
        about = foreign.config(_TAR)
        foreign.push_with_oras(child, self.folder, foreign.layer(_TAR), about=about)
        foreign.push_index(self.engine, self.name, child, platform=platform)
        return self.name


def _ours(place: Place) -> str:
    oci.push(image_of(place.folder), references.parse(place.name), access=HTTP)
    return place.name


def _converted_by_skopeo(place: Place) -> str:
    schema2 = f"{place.name.rpartition(':')[0]}:schema2"
    foreign.push_with_docker(place.engine, schema2, place.folder, plugin_wasm=_MODULE)
    foreign.copy_with_skopeo(f"docker://{schema2}", f"docker://{place.name}", "--format", "oci")
    return place.name


def _pinned_index(place: Place) -> str:
    place.index("linux/amd64")
    digest = gate.examine(references.parse(place.name), access=HTTP).digest
    return f"{place.name}@{digest}"


def _with_layer_as_config(place: Place) -> str:
    shared = foreign.layer(_TAR)
    about = File(name="config.json", media_type="text/plain", content=shared.content)
    return place.oras(shared, about=about)


# Who makes it, who accepts it, and a piece of the gateways' reason where they refuse.
_ROWS: dict[str, tuple[Callable[[Place], str], tuple[str, ...], str]] = {
    "ours": (_ours, _NOT_WKG, ""),
    "compat by oras": (
        lambda at: at.oras(foreign.layer(_TAR), about=foreign.config(_TAR)),
        _NOT_WKG,
        "",
    ),
    "compat by oras, its own configuration": (
        lambda at: at.oras(foreign.layer(_TAR)),
        _GATEWAYS,
        "",
    ),
    "compat by skopeo": (_converted_by_skopeo, _NOT_WKG, ""),
    "schema2 by docker": (lambda at: at.docker(plugin_wasm=_MODULE), _NOT_WKG, ""),
    "two files by docker": (
        lambda at: at.docker(plugin_wasm=_MODULE, runtime_json=b"{}"),
        (*_GATEWAYS, "containerd", "docker"),
        "",
    ),
    "another file name by docker": (
        lambda at: at.docker(filter_wasm=_MODULE),
        ("containerd", "docker"),
        "the last layer holds no file plugin.wasm, only filter.wasm",
    ),
    "artifact": (lambda at: at.oras(_RUNTIME, _SOLO), _GATEWAYS, ""),
    "the artifact's module alone": (
        lambda at: at.oras(_SOLO),
        (),
        "the number of layers must be 2 but is 1",
    ),
    "artifact of two other layers": (
        lambda at: at.oras(_RUNTIME, _README),
        (),
        f"no layer is {SOLO_WASM}",
    ),
    "higress": (lambda at: at.oras(_SPEC, _README, foreign.layer(_TAR)), _GATEWAYS, ""),
    "higress in the wrong order": (
        lambda at: at.oras(foreign.layer(_TAR), _SPEC, _README),
        (),
        "the last layer is application/vnd.module.wasm.doc.v1+markdown",
    ),
    "CNCF": (
        lambda at: at.oras(
            File(name="plugin.wasm", media_type="application/wasm", content=_MODULE),
            about=File(
                name="config.json",
                media_type="application/vnd.wasm.config.v0+json",
                content=b'{"architecture": "wasm"}',
            ),
        ),
        ("wkg",),
        "the last layer is application/wasm",
    ),
    "wasm-to-oci": (
        lambda at: at.oras(
            File(
                name="plugin.wasm",
                media_type="application/vnd.wasm.content.layer.v1+wasm",
                content=_MODULE,
            ),
            about=File(
                name="config.json",
                media_type="application/vnd.wasm.config.v1+json",
                content=b"{}",
            ),
        ),
        (),
        "the last layer is application/vnd.wasm.content.layer.v1+wasm",
    ),
    "bare module below the archive": (
        lambda at: at.oras(_SOLO, foreign.layer(_TAR), about=foreign.config(_MODULE, _TAR)),
        _GATEWAYS,
        "",
    ),
    "index for amd64": (lambda at: at.index("linux/amd64"), _NOT_WKG, ""),
    "index for amd64, pinned": (_pinned_index, _CONTAINERS, "the pinned digest is an index's"),
    "index for arm64": (
        lambda at: at.index("linux/arm64"),
        (),
        "no child with platform linux/amd64 in the index, which offers linux/arm64",
    ),
    "index for windows": (
        lambda at: at.index("windows/amd64"),
        (),
        "no child with platform linux/amd64 in the index, which offers windows/amd64",
    ),
    "compat for wasi": (
        lambda at: at.oras(
            foreign.layer(_TAR), about=foreign.config(_TAR, system="wasi", architecture="wasm")
        ),
        (*_GATEWAYS, "google", "containerd"),
        "",
    ),
    "compat for linux on arm64": (
        lambda at: at.oras(foreign.layer(_TAR), about=foreign.config(_TAR, architecture="arm64")),
        _NOT_WKG,
        "",
    ),
    "a wrong diff_id": (
        lambda at: at.oras(foreign.layer(_TAR), about=foreign.config(b"another")),
        (*_GATEWAYS, "google"),
        "",
    ),
    "one digest for configuration and layer": (
        _with_layer_as_config,
        (),
        "the last layer is text/plain",
    ),
    "a module that is none": (
        lambda at: at.docker(plugin_wasm=b"no module"),
        ("containerd", "docker"),
        "Envoy refuses the module",
    ),
    "a layer that is no archive": (
        lambda at: at.oras(
            File(
                name="plugin.tar.gz",
                media_type=foreign.OCI_TAR_GZIP,
                content=gzip.compress(_MODULE * 9),
            ),
            about=foreign.config(_MODULE * 9),
        ),
        (),
        "not a tar",
    ),
}


@pytest.fixture(scope="module")
def ctr() -> Iterator[Containerd]:
    with containerd.running() as found:
        yield found


@pytest.mark.parametrize("row", _ROWS)
def test_the_gate_knows_who_loads_what(
    row: str,
    shared_registry: DockerRegistry,
    docker_engine: DockerEngine,
    ctr: Containerd,
    tmp_path: Path,
) -> None:
    make, accepting, reason = _ROWS[row]
    repository = re.sub("[^a-z0-9]+", "-", row.lower())
    name = f"{shared_registry.host}/matrix/{repository}:1"
    made = make(Place(name=name, folder=tmp_path / "image", engine=docker_engine))

    found = gate.examine(references.parse(made), access=HTTP)
    verdicts = {each.consumer: each for each in gate.judge(found, CONSUMERS)}

    said = {name: verdict.reason for name, verdict in verdicts.items()}
    assert {name for name in verdicts if verdicts[name].accepts} == set(accepting), said
    assert reason in verdicts["istio"].reason
    pulled = run(["docker", "pull", "--quiet", made], environment=docker_engine.environment)
    assert (pulled.returncode == 0) is verdicts["docker"].accepts, pulled.stderr
    unpacked = ctr.pull(made)
    assert (unpacked.returncode == 0) is verdicts["containerd"].accepts, unpacked.stderr
