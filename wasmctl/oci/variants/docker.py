"""The default image in Docker's own media types, for registries that know no others.

Such manifests have no annotations: what there is to say stands in the labels.
"""

from collections.abc import Mapping

from wasmctl.oci.consumers import HOSTS
from wasmctl.oci.image import Image, make_blob, make_image
from wasmctl.oci.manifest import DOCKER_CONFIG, DOCKER_MANIFEST, DOCKER_TAR_GZIP, Manifest
from wasmctl.oci.module_file import ModuleFile
from wasmctl.oci.variants import layer


def pack(module: ModuleFile, annotations: Mapping[str, str]) -> Image:
    """Make the image."""
    compressed, diff_id = layer.pack(module)
    blob = make_blob(DOCKER_TAR_GZIP, compressed)
    config = make_blob(DOCKER_CONFIG, layer.config(annotations, diff_id))
    manifest = Manifest(
        config=config.descriptor, layers=(blob.descriptor,), media_type=DOCKER_MANIFEST
    )
    return make_image(manifest, blob, config, consumers=HOSTS, module=module)
