"""The module in an image, in whatever form the image has.

Gateways are strict about forms; reading is not: every form met in the wild is read, and what is
in it is checked afterwards.
"""

from collections.abc import Callable
from functools import partial

from wasmctl.errors import ImageRefusedError
from wasmctl.oci import archive
from wasmctl.oci.evidence import BARE_MODULES, SOLO_WASM, TARS
from wasmctl.oci.manifest import DOCKER_TAR_GZIP, OCI_TAR_GZIP, Descriptor, Manifest
from wasmctl.oci.store import Source
from wasmctl.oci.strangers import printable
from wasmctl.oci.stream import Readable, whole

_SOLO_LAYERS = 2


def module_of(store: Source, image: Manifest) -> bytes:
    """Return the module: a bare one, else the first ``plugin.wasm`` from the topmost layer down.

    Raises ImageRefusedError where there is none, and what the store raises.
    """
    for layer in _bare_first(image):
        archive.check_size(layer.size)
        content = store.read(layer, _reader(layer))
        if content is not None:
            return content
    raise _no_module(image)


def is_loaded_by_gateways(image: Manifest) -> bool:
    """Whether an image has one of the forms that gateways look into."""
    types = [layer.media_type for layer in image.layers]
    return types[-1:] in ([OCI_TAR_GZIP], [DOCKER_TAR_GZIP]) or (
        len(types) == _SOLO_LAYERS and SOLO_WASM in types
    )


def _bare_first(image: Manifest) -> list[Descriptor]:
    topmost_first = image.layers[::-1]
    bare = [layer for layer in topmost_first if layer.media_type in BARE_MODULES]
    return bare + [layer for layer in topmost_first if layer.media_type in TARS]


def _reader(layer: Descriptor) -> Callable[[Readable], bytes | None]:
    if layer.media_type in BARE_MODULES:
        return whole
    return partial(_from_archive, is_gzip=TARS[layer.media_type])


def _from_archive(stream: Readable, *, is_gzip: bool) -> bytes | None:
    with archive.opened(stream, is_gzip=is_gzip) as opened:
        return archive.module_in(opened)


def _no_module(image: Manifest) -> ImageRefusedError:
    types = [layer.media_type for layer in image.layers]
    if any(media_type in TARS for media_type in types):
        return ImageRefusedError(
            f"the image holds no file {archive.MODULE_NAME}",
            hint="gateways look for that name: push the plugin with wasmctl",
        )
    return ImageRefusedError(
        "not a plugin's image in a shape that wasmctl reads; its layers are:"
        f" {printable(', '.join(types)) or 'none'}",
        hint="push the plugin with `wasmctl push`, whose images every gateway loads",
    )
