"""Where a reference leads: to a registry or to a layout, opened for as long as it is used."""

import contextlib
from collections.abc import Iterator

from wasmctl.oci.access import Access
from wasmctl.oci.layout import Layout
from wasmctl.oci.reference import ImageRef, LayoutRef, Reference
from wasmctl.oci.registry import Registry
from wasmctl.oci.store import OnProgress, Store


@contextlib.contextmanager
def opened(reference: Reference, access: Access, on_progress: OnProgress) -> Iterator[Store]:
    """Open the store that holds an image."""
    match reference:
        case LayoutRef():
            yield Layout(reference.folder, on_progress)
        case ImageRef():
            with contextlib.closing(Registry(reference, on_progress, access=access)) as registry:
                yield registry
