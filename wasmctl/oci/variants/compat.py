"""The image that every Proxy-Wasm host loads: a plain OCI image with one tar+gzip layer.

The layer holds the file ``plugin.wasm`` and nothing else. Istio, Envoy Gateway and Higress take
the last layer if it is tar+gzip and look for that name in it (Istio ``pkg/wasm/imagefetcher.go``);
one file alone is Google's rule; a real configuration with the right ``diff_id`` is what Docker and
containerd ask for. The platform is linux/amd64 because Docker refuses another system and the
gateways' fetcher picks that one on every machine.
"""

from collections.abc import Mapping

from wasmctl.oci.annotations import VARIANT
from wasmctl.oci.consumers import HOSTS
from wasmctl.oci.image import Image, make_blob, make_image
from wasmctl.oci.manifest import OCI_CONFIG, OCI_TAR_GZIP, TITLE, Manifest
from wasmctl.oci.module_file import ModuleFile
from wasmctl.oci.variants import layer


def pack(module: ModuleFile, annotations: Mapping[str, str]) -> Image:
    """Make the image."""
    compressed, diff_id = layer.pack(module)
    blob = make_blob(OCI_TAR_GZIP, compressed, {TITLE: "plugin.tar.gz"})
    config = make_blob(OCI_CONFIG, layer.config(annotations, diff_id))
    manifest = Manifest(
        config=config.descriptor,
        layers=(blob.descriptor,),
        annotations={**annotations, VARIANT: "compat"},
    )
    return make_image(manifest, blob, config, consumers=HOSTS, module=module)
