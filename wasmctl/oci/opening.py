"""Where a reference leads: to a registry or to a layout, opened for as long as it is used."""

import contextlib
from collections.abc import Iterator

from wasmctl.oci.access import Access
from wasmctl.oci.layout import Layout
from wasmctl.oci.reference import ImageRef, LayoutRef, Reference
from wasmctl.oci.registry import Registry
from wasmctl.oci.store import OnBytes, OnProgress, Store, silent, uncounted


@contextlib.contextmanager
def opened(
    reference: Reference,
    access: Access,
    on_progress: OnProgress = silent,
    on_bytes: OnBytes = uncounted,
) -> Iterator[Store]:
    """Open the store that holds an image."""
    match reference:
        case LayoutRef():
            yield Layout(reference.folder, on_progress)
        case ImageRef():
            registry = Registry(reference, on_progress, access=access, on_bytes=on_bytes)
            with contextlib.closing(registry):
                yield registry
