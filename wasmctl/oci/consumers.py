"""Who loads images, and by which rules: the table that the gate applies.

Each rule looks at the evidence and returns why its consumer refuses the image, or nothing. A
consumer's rules stand in the order in which it would find fault.

Sources: Istio ``pkg/wasm/imagefetcher.go`` (``extractDockerImage``, ``extractOCIStandardImage``,
``extractOCIArtifactImage``), ``cache.go``; Envoy Gateway ``internal/wasm`` and Higress' fork, the
same code; Google Service Extensions, "WasmPluginVersion"; wasm-pkg-tools and CNCF "Wasm OCI
Artifact"; Docker Engine ``distribution/pull_v2.go``; containerd ``rootfs/apply.go``.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from wasmctl.errors import UsageError
from wasmctl.oci import index
from wasmctl.oci.archive import MODULE_NAME
from wasmctl.oci.evidence import (
    CNCF_WASM,
    IMAGE_CONFIGS,
    SOLO_WASM,
    TARS,
    Evidence,
    FoundModule,
    Layer,
)
from wasmctl.oci.manifest import (
    DOCKER_MANIFEST,
    DOCKER_TAR_GZIP,
    OCI_MANIFEST,
    OCI_TAR_GZIP,
)
from wasmctl.oci.strangers import printable

Rule = Callable[[Evidence], str | None]

_WKG_CONFIG = "application/vnd.wasm.config.v0+json"
_SOLO_LAYERS = 2
_ALL = "all"


@dataclass(frozen=True, kw_only=True)
class Consumer:
    """One program that loads images.

    Attributes:
        title: its name for people.
        rules: all must find nothing.
        takes: what it loads, said of an image that it accepts.
        is_host: whether it is one that a plugin's image is for.

    """

    title: str
    rules: tuple[Rule, ...]
    takes: str
    is_host: bool = True


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether a consumer loads an image, and why or why not, in one line."""

    consumer: str
    title: str
    accepts: bool
    reason: str


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Whose verdicts are wanted, and whose decide."""

    shown: tuple[str, ...]
    counted: tuple[str, ...]


def named(words: Iterable[str]) -> Choice:
    """Read what the user calls consumers, with commas in it; nothing means all.

    Raises UsageError for a name that nobody has.
    """
    names = [name.strip() for word in words for name in word.split(",")] or [_ALL]
    unknown = [name for name in names if name not in {*CONSUMERS, _ALL}]
    if unknown:
        raise UsageError(
            f"no consumer is called {unknown[0]!r}", hint=f"use {', '.join(CONSUMERS)} or {_ALL}"
        )
    asked = tuple(name for name in CONSUMERS if name in names)
    if _ALL not in names:
        return Choice(shown=asked, counted=asked)
    return Choice(shown=tuple(CONSUMERS), counted=(*HOSTS, *asked))


def judge(evidence: Evidence, name: str) -> Verdict:
    """Apply the rules of one consumer."""
    consumer = CONSUMERS[name]
    refusals = (refusal for rule in consumer.rules if (refusal := rule(evidence)))
    refusal = next(refusals, None)
    return Verdict(
        consumer=name,
        title=consumer.title,
        accepts=refusal is None,
        reason=printable(refusal) if refusal else consumer.takes,
    )


def _not_a_pinned_index(evidence: Evidence) -> str | None:
    if evidence.entries is None or not evidence.is_pinned or not evidence.image:
        return None
    return (
        f"the pinned digest is an index's; it is compared with {evidence.image_digest}, the"
        " image's: pin that"
    )


def _has_an_image(evidence: Evidence) -> str | None:
    if evidence.image:
        return None
    offered = index.platforms(evidence.entries or ())
    return f"no child with platform linux/amd64 in the index, which offers {offered}"


def _has_a_module(evidence: Evidence) -> str | None:
    if evidence.image and evidence.image.media_type == DOCKER_MANIFEST:
        refusal = _last_layer_refusal(evidence, DOCKER_TAR_GZIP)
        return refusal or _module_refusal(evidence.layers[-1].module)
    refusal = _last_layer_refusal(evidence, OCI_TAR_GZIP)
    if not refusal:
        return _module_refusal(evidence.layers[-1].module)
    refusal_as_artifact = _artifact_refusal(evidence)
    if not refusal_as_artifact:
        return _solo_refusal(evidence)
    return f"{refusal}; nor is it the two-layer form: {refusal_as_artifact}"


def _last_layer_refusal(evidence: Evidence, media_type: str) -> str | None:
    if not evidence.layers:
        return "it has no layers"
    layer = evidence.layers[-1]
    found = _type_as_fetched(evidence, layer)
    if found != media_type:
        return f"the last layer is {found or 'of no type'}, not {media_type}"
    if layer.module:
        return None
    return layer.fault or f"the last layer holds no file {MODULE_NAME}{_names(layer)}"


def _type_as_fetched(evidence: Evidence, layer: Layer) -> str:
    # go-containerregistry looks a digest up among the configuration first.
    config = evidence.image.config if evidence.image else layer.descriptor
    shared = config.digest == layer.descriptor.digest
    return config.media_type if shared else layer.descriptor.media_type


def _names(layer: Layer) -> str:
    return f", only {', '.join(layer.file_names)}" if layer.file_names else ""


def _artifact_refusal(evidence: Evidence) -> str | None:
    if len(evidence.layers) != _SOLO_LAYERS:
        return f"the number of layers must be {_SOLO_LAYERS} but is {len(evidence.layers)}"
    if not _solo_layer(evidence):
        return f"no layer is {SOLO_WASM}"
    return None


def _solo_layer(evidence: Evidence) -> Layer | None:
    found = (each for each in evidence.layers if _type_as_fetched(evidence, each) == SOLO_WASM)
    return next(found, None)


def _solo_refusal(evidence: Evidence) -> str | None:
    layer = _solo_layer(evidence)
    return (layer.fault or _module_refusal(layer.module)) if layer else None


def _module_refusal(module: FoundModule | None) -> str | None:
    return f"Envoy refuses the module: {module.fault}" if module and module.fault else None


def _is_a_container_image(evidence: Evidence) -> str | None:
    config = evidence.image.config.media_type if evidence.image else ""
    if config not in IMAGE_CONFIGS:
        return f"unsupported media type {config}: the configuration is not an image's"
    for layer in evidence.layers:
        if layer.descriptor.media_type not in TARS:
            return f"the layer {layer.descriptor.media_type} is not a file system's"
        if layer.fault:
            return f"a layer cannot be unpacked: {layer.fault}"
    if not evidence.layers:
        return "it has no layers"
    return None


def _has_its_diff_ids(evidence: Evidence) -> str | None:
    announced = evidence.config.diff_ids
    actual = tuple(layer.diff_id for layer in evidence.layers)
    if announced is None or len(announced) != len(actual):
        return "mismatched image rootfs and manifest layers"
    if announced != actual:
        return "a diff_id in the configuration is not its layer's"
    return None


def _is_for_linux(evidence: Evidence) -> str | None:
    system = evidence.config.system
    return None if system == "linux" else f"the operating system {system!r} is not supported"


def _is_a_single_file(evidence: Evidence) -> str | None:
    names = [name for layer in evidence.layers for name in layer.file_names]
    if sum(layer.file_count for layer in evidence.layers) != 1:
        return f"it must hold one file only; it holds {', '.join(names) or 'none'}"
    if not evidence.module or names[0].removeprefix("./").strip("/") != MODULE_NAME:
        return f"its file must be {MODULE_NAME}; it is {names[0]}"
    return _module_refusal(evidence.module)


def _is_for_wkg(evidence: Evidence) -> str | None:
    image, types = evidence.image, [layer.descriptor.media_type for layer in evidence.layers]
    if not image or image.media_type != OCI_MANIFEST:
        return f"the manifest is not {OCI_MANIFEST}"
    if image.config.media_type != _WKG_CONFIG:
        return f"the configuration is {image.config.media_type}, not {_WKG_CONFIG}"
    if types != [CNCF_WASM]:
        return f"it must have one layer, {CNCF_WASM}; it has {', '.join(types) or 'none'}"
    return None


_GATEWAY = (_not_a_pinned_index, _has_an_image, _has_a_module)
_CONTAINER = (_has_an_image, _is_a_container_image, _has_its_diff_ids)

CONSUMERS = {
    "istio": Consumer(title="Istio", rules=_GATEWAY, takes="loads the module"),
    "envoy-gateway": Consumer(title="Envoy Gateway", rules=_GATEWAY, takes="loads the module"),
    "higress": Consumer(title="Higress", rules=_GATEWAY, takes="loads the module"),
    "google": Consumer(
        title="Google Service Extensions",
        rules=(_has_an_image, _is_a_container_image, _is_a_single_file),
        takes=f"an image with the single file {MODULE_NAME}",
    ),
    "containerd": Consumer(title="containerd", rules=_CONTAINER, takes="pulls and unpacks it"),
    "docker": Consumer(
        title="Docker",
        rules=(*_CONTAINER, _is_for_linux),
        takes="pulls it; COPY --from finds the file",
    ),
    "wkg": Consumer(
        title="wkg",
        rules=(_has_an_image, _is_for_wkg),
        takes="one bare module of the CNCF's form",
        is_host=False,
    ),
}
HOSTS = tuple(name for name, consumer in CONSUMERS.items() if consumer.is_host)
GATEWAYS = ("istio", "envoy-gateway", "higress")
