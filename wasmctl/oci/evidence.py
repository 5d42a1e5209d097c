"""What there is to say about a stored image, gathered once for all who judge it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from wasmctl import module, plugin
from wasmctl.errors import ImageRefusedError, NotAPluginError
from wasmctl.module import Module
from wasmctl.oci import archive, index, manifest
from wasmctl.oci.digests import digest_of, is_digest
from wasmctl.oci.manifest import Descriptor, MalformedError, Manifest
from wasmctl.oci.store import Source
from wasmctl.oci.stream import CHUNK, Readable, whole

# Types of layers that hold a bare module, and who made them up.
SOLO_WASM = "application/vnd.module.wasm.content.layer.v1+wasm"
WASM_TO_OCI = "application/vnd.wasm.content.layer.v1+wasm"
CNCF_WASM = "application/wasm"
BARE_MODULES = (SOLO_WASM, CNCF_WASM, WASM_TO_OCI)

TARS = {
    manifest.OCI_TAR_GZIP: True,  # whether it is compressed
    manifest.DOCKER_TAR_GZIP: True,
    manifest.OCI_TAR: False,
}
IMAGE_CONFIGS = {manifest.OCI_CONFIG, manifest.DOCKER_CONFIG}

_MAX_CONFIG_SIZE = 4 * 1024 * 1024
_NAMES_KEPT = 5


@dataclass(frozen=True, kw_only=True)
class FoundModule:
    """A file in a layer that gateways take for a module.

    Attributes:
        fault: why Envoy would refuse it, or empty.
        facts: what is in it, where it was read and is WebAssembly.

    """

    name: str
    digest: str
    size: int
    fault: str
    facts: Module | None = None


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One layer as it was read.

    Attributes:
        module: the first file ``plugin.wasm`` of an archive, or the bare module.
        file_count: of an archive; ``file_names`` are the first of them.
        diff_id: the digest of the archive without its compression, empty for other layers.
        fault: why it cannot be read, or empty.

    """

    descriptor: Descriptor
    module: FoundModule | None = None
    file_count: int = 0
    file_names: tuple[str, ...] = ()
    diff_id: str = ""
    fault: str = ""


@dataclass(frozen=True, kw_only=True)
class Config:
    """What an image's configuration says; empty where it is no image configuration."""

    system: str = ""
    architecture: str = ""
    diff_ids: tuple[str, ...] | None = None
    document: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """An image as gateways meet it.

    Attributes:
        digest: of the manifest that the selector named: an index's, where it named one.
        is_pinned: whether the selector was that digest.
        entries: of the index, or None where it is an image.
        image: the image that gateways take, or None where the index offers them none.
        image_digest: of that image's manifest.

    """

    digest: str
    is_pinned: bool
    entries: tuple[index.Entry, ...] | None
    image: Manifest | None
    image_digest: str = ""
    config: Config = Config()
    layers: tuple[Layer, ...] = ()

    @property
    def platform(self) -> str:
        """OS/ARCHITECTURE of the image's configuration, empty where it names none."""
        config = self.config
        return f"{config.system}/{config.architecture}" if config.system else ""

    @property
    def module(self) -> FoundModule | None:
        """The module in the topmost layer that has one."""
        found = (layer.module for layer in reversed(self.layers) if layer.module)
        return next(found, None)


def gather(
    store: Source, selector: str, *, plugin_digest: str = "", known: tuple[Layer, ...] = ()
) -> Evidence:
    """Read an image, whole.

    ``plugin_digest`` names a module that is known to be a plugin; ``known`` are layers that were
    looked into before: the same bytes, which are checked, hold the same again. Raises
    ImageRefusedError where a manifest is malformed or bytes are not those that were named, and
    what the store raises.
    """
    content = store.manifest(selector)
    digest, entries = digest_of(content), index.parse(content)
    if entries is not None:
        chosen = index.gateways_choice(entries)
        content = store.manifest(chosen.descriptor.digest) if chosen else b""
    image = manifest.parse(content) if content else None
    return Evidence(
        digest=digest,
        is_pinned=is_digest(selector),
        entries=entries,
        image=image,
        image_digest=digest_of(content) if content else "",
        config=_config(store, image.config) if image else Config(),
        layers=tuple(_layer(store, each, plugin_digest, known) for each in image.layers)
        if image
        else (),
    )


def _config(store: Source, descriptor: Descriptor) -> Config:
    if descriptor.size > _MAX_CONFIG_SIZE:
        return Config()
    content = store.read(descriptor, whole)
    if descriptor.media_type not in IMAGE_CONFIGS:
        return Config()
    try:
        document = manifest.json_object(content)
    except MalformedError:
        return Config()
    return Config(
        system=str(document.get("os", "")),
        architecture=str(document.get("architecture", "")),
        diff_ids=_diff_ids(document.get("rootfs")),
        document=document,
    )


def _diff_ids(rootfs: object) -> tuple[str, ...] | None:
    found = rootfs.get("diff_ids") if isinstance(rootfs, Mapping) else None
    return tuple(map(str, found)) if isinstance(found, list) else None


def _layer(
    store: Source, descriptor: Descriptor, plugin_digest: str, known: tuple[Layer, ...]
) -> Layer:
    if descriptor.size > archive.MAX_TAR_SIZE:
        return Layer(descriptor=descriptor, fault=f"it has {descriptor.size:,} bytes")

    same = next((layer for layer in known if layer.descriptor == descriptor), None)

    def take(stream: Readable) -> Layer:
        if same:
            return same  # what is left unread is checked all the same
        if descriptor.media_type in BARE_MODULES:
            found = _module("the layer", stream, plugin_digest)
            return Layer(descriptor=descriptor, module=found)
        if descriptor.media_type in TARS:
            return _archive(descriptor, stream, plugin_digest)
        return Layer(descriptor=descriptor)

    return store.read(descriptor, take)


def _archive(descriptor: Descriptor, stream: Readable, plugin_digest: str) -> Layer:
    names, count, found = [], 0, None
    try:
        with archive.opened(stream, is_gzip=TARS[descriptor.media_type], is_hashed=True) as opened:
            for member in opened.members():
                if not found and archive.is_named_module(member):
                    found = _module(member.name, opened.file(member), plugin_digest)
                if not member.isdir():
                    count += 1
                    names += [member.name] if count <= _NAMES_KEPT else []
            diff_id = opened.digest()
    except ImageRefusedError as error:
        return Layer(descriptor=descriptor, module=found, fault=error.message)
    return Layer(
        descriptor=descriptor,
        module=found,
        file_count=count,
        file_names=tuple(names),
        diff_id=diff_id,
    )


def _module(name: str, file: Readable, plugin_digest: str) -> FoundModule:
    if plugin_digest:
        # Its digest is all there is to know: the module itself need not fit into memory again.
        digest, size = _hashed(file)
        fault = "" if digest == plugin_digest else f"it is not the module {plugin_digest}"
        return FoundModule(name=name, digest=digest, size=size, fault=fault)
    content = whole(file)
    facts, fault = _facts(content)
    digest = digest_of(content)
    return FoundModule(name=name, digest=digest, size=len(content), fault=fault, facts=facts)


def _hashed(file: Readable) -> tuple[str, int]:
    found, size = hashlib.sha256(), 0
    while part := file.read(CHUNK):
        found.update(part)
        size += len(part)
    return f"sha256:{found.hexdigest()}", size


def _facts(content: bytes) -> tuple[Module | None, str]:
    facts = None
    try:
        facts = module.parse(content)
        plugin.parse(content)
    except NotAPluginError as error:
        return facts, error.message
    return facts, ""
