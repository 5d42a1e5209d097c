"""wasm-opt, which makes a finished module quicker or smaller, whatever it was written in."""

from wasmctl.languages.base import Command, Language, Places, Tool

WASM_OPT = Tool(
    name="wasm-opt",
    title="wasm-opt",
    version=Command(words=("wasm-opt", "--version")),
    banner="wasm-opt version ",
    minimum=(108,),
    install="install it: npm install --global binaryen, or Debian's package binaryen",
)


def command(language: Language, level: str, places: Places) -> Command:
    """Return what optimizes ``places.given``, for speed (1 to 4) or for size (s, z)."""
    # The names of functions stay (-g): a trap is told with them.
    flags = (f"-O{level}", "-g", *language.optimize_flags)
    return Command(words=(WASM_OPT.name, *flags, places.given, "-o", places.output))
