"""The AssemblyScript SDK: a plugin that does all it offers, on the host and in a real Envoy."""

import shutil
from collections.abc import Callable
from pathlib import Path

from tests.scenarios import not_passed, on_both_targets
from wasmctl import build, project, scaffold

_TOUR = Path(__file__).parent / "assemblyscript"


def test_all_that_the_sdk_offers_works_on_both_targets(
    built: Callable[[scaffold.Template], Path], tmp_path: Path
) -> None:
    made = project.load(_tour(tmp_path, built(scaffold.find("assemblyscript", "minimal"))))
    build.build(made)

    report = on_both_targets(made.root)

    assert not_passed(report) == []
    assert report.passed == len(report.results) > 0


def _tour(folder: Path, packages_of: Path) -> Path:
    """Make a project of the tour, with the SDK that ships and another project's packages."""
    shutil.copytree(_TOUR, folder, dirs_exist_ok=True)
    for name in ("asconfig.json", "package.json", "package-lock.json"):
        shutil.copyfile(packages_of / name, folder / name)
    (folder / "node_modules").symlink_to(packages_of / "node_modules")
    sdk = scaffold.templates_root() / "assemblyscript/_sdk/proxy-wasm"
    shutil.copytree(sdk, folder / "assembly/proxy-wasm")
    return folder
