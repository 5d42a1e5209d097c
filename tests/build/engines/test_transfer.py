import tarfile
from pathlib import Path

import pytest

from tests.projects import tiny_go, write
from wasmctl import project
from wasmctl.build.engines import transfer
from wasmctl.build.engines.base import Order
from wasmctl.errors import BuildFailedError
from wasmctl.languages import LANGUAGES


def _order(folder: Path) -> Order:
    return Order(project=project.load(folder), language=LANGUAGES["go"], show=print)


def test_a_project_is_sent_without_what_builds_make(tmp_path: Path) -> None:
    folder = tiny_go(tmp_path / "tiny")
    for name in (".git/HEAD", "dist/x.wasm", "target/x", "deep/dist/kept.go"):
        write(folder / name, "x")

    with transfer.tree(_order(folder), "7:8") as file, tarfile.open(fileobj=file) as archive:
        entries = archive.getmembers()

    names = {entry.name for entry in entries}
    assert names == {".", "deep", "deep/dist", "deep/dist/kept.go", "go.mod", "main.go"} | {
        "wasmctl.toml"
    }
    assert {(entry.uid, entry.gid, entry.uname) for entry in entries} == {(7, 8, "")}


def test_links_within_a_project_are_sent_as_links(tmp_path: Path) -> None:
    folder = tiny_go(tmp_path / "tiny")
    (folder / "linked").symlink_to("deep")
    write(folder / "deep/file.go", "x")

    with transfer.tree(_order(folder), "7:8") as file, tarfile.open(fileobj=file) as archive:
        entry = archive.getmember("linked")

    assert entry.issym()
    assert entry.linkname == "deep"
    transfer.check_links(_order(folder))


@pytest.mark.parametrize("target", ["..", "/etc", "deep/../.."])
def test_a_folder_that_is_a_link_out_of_the_project_is_refused(tmp_path: Path, target: str) -> None:
    folder = tiny_go(tmp_path / "tiny")
    (folder / "deep").mkdir()
    write(tmp_path / "outside.go", "package outside\n")
    (folder / "linked").symlink_to(target)
    (folder / "wasmctl.toml").write_text(
        (folder / "wasmctl.toml").read_text()
        + '[build]\ninputs = ["linked/outside.go", "linked/hosts"]\n'
    )

    with pytest.raises(BuildFailedError, match="linked is a link out of the project"):
        transfer.check_links(_order(folder))
