"""Writes what is made from the code: ``python -m scripts.generate`` (``--check``: compares)."""

import sys
from collections.abc import Callable
from pathlib import Path

from scripts import envoy_page, pages, parity_page, scenario_page
from wasmctl import project
from wasmctl.testing import schema

ROOT = Path(__file__).resolve().parent.parent

GENERATED: dict[str, Callable[[], str]] = {
    "wasmctl/schemas/project.json": project.json_schema,
    "wasmctl/schemas/scenario.json": schema.json_schema,
    "docs/reference/commands.md": pages.commands,
    "docs/reference/exit-codes.md": pages.exit_codes,
    "docs/reference/project-file.md": pages.project_file,
    "docs/reference/hostcalls.md": pages.hostcalls,
    "docs/reference/scenario-operators.md": scenario_page.operators,
    "docs/reference/scenario-inputs.md": scenario_page.inputs,
    "docs/reference/scenario-steps.md": scenario_page.steps,
    "docs/reference/parity.md": parity_page.parity,
    "docs/reference/envoy-bootstraps.md": envoy_page.bootstraps,
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
            sys.exit(f"stale: {', '.join(names)}; run: make generate")
        return
    for name in names:
        path = ROOT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(GENERATED[name]())
        print(f"wrote {name}")


if __name__ == "__main__":
    main()
