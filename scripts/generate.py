"""Writes what is made from the code: ``python scripts/generate.py`` (``--check``: compares)."""

import sys
from collections.abc import Callable
from pathlib import Path

from wasmctl import project
from wasmctl.testing import schema

ROOT = Path(__file__).resolve().parent.parent

GENERATED: dict[str, Callable[[], str]] = {
    "wasmctl/schemas/project.json": project.json_schema,
    "wasmctl/schemas/scenario.json": schema.json_schema,
}


def stale() -> list[str]:
    """Return the files that are not what the code would write now."""
    return [name for name, text in GENERATED.items() if text() != _content(ROOT / name)]


def _content(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def main() -> None:
    names = stale()
    if "--check" in sys.argv[1:]:
        if names:
            sys.exit(f"stale: {', '.join(names)}; run: python scripts/generate.py")
        return
    for name in names:
        path = ROOT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(GENERATED[name]())
        print(f"wrote {name}")


if __name__ == "__main__":
    main()
