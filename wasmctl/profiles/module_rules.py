"""What is wrong with a module wherever it runs, as its bytes tell."""

from collections.abc import Iterator

from wasmctl.abi.callbacks import ALLOCATORS
from wasmctl.module import Module
from wasmctl.profiles.findings import Finding, Level, shown

# Measured on Envoy's releases: V8 gets no more than 1 GiB there.
_MOST_PAGES = 16384

_DEBUG = (".debug_", "sourceMappingURL", "external_debug_info")


def findings(module: Module, max_size: int | None) -> Iterator[Finding]:
    """Yield what is wrong with a module; ``max_size`` is the bytes it may have."""
    yield from _allocator(module)
    yield from _vectors(module)
    yield from _memory(module)
    yield from _debug(module)
    yield from _names(module)
    if max_size is not None and module.size > max_size:
        yield Finding(
            rule="size",
            level=Level.ERROR,
            message=f"it has {module.size:,} bytes, and may have {max_size:,}",
            hint="leave out code or packages, or raise the limit: [build] max_size",
        )


def _allocator(module: Module) -> Iterator[Finding]:
    if not any(module.export(name) for name in ALLOCATORS):
        yield Finding(
            rule="allocator",
            level=Level.ERROR,
            message=f"it is refused: it exports neither {' nor '.join(ALLOCATORS)}",
            hint="export one: a host needs it to hand data to the plugin",
        )


def _vectors(module: Module) -> Iterator[Finding]:
    for export in module.exports:
        if export.has_v128:
            yield Finding(
                rule="v128",
                level=Level.ERROR,
                message=f"it exports {shown(export.name)} with a v128 in its signature:"
                " Envoy crashes",
                hint="do not export that function; vectors inside functions are fine",
            )


def _memory(module: Module) -> Iterator[Finding]:
    pages = max(module.memories, default=0)
    if pages > _MOST_PAGES:
        yield Finding(
            rule="memory",
            level=Level.ERROR,
            message=f"it is refused: it begins with {pages >> 4:,} MiB of memory, of 1,024 allowed",
            hint="let its memory begin smaller, and grow",
        )


def _debug(module: Module) -> Iterator[Finding]:
    found = [section for section in module.sections if section.name.startswith(_DEBUG)]
    if found:
        size = sum(section.size for section in found)
        yield Finding(
            rule="debug",
            level=Level.WARNING,
            message=f"{size:,} of its {module.size:,} bytes are for debuggers, not for proxies",
            hint="strip them, and keep the names: traps are told with them",
        )


def _names(module: Module) -> Iterator[Finding]:
    if not any(section.name == "name" for section in module.sections):
        yield Finding(
            rule="names",
            level=Level.NOTE,
            message="it has no names: a trap is told with the numbers of its functions",
            hint="keep the name section, if the bytes can be spared",
        )
