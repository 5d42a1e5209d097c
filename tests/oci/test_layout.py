import contextlib
import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.oci.samples import image_of
from wasmctl import oci
from wasmctl.errors import FilesError, ImageRefusedError
from wasmctl.oci.digests import digest_of
from wasmctl.oci.image import Image
from wasmctl.oci.reference import LayoutRef, parse


def _ref(folder: Path, tag: str = "1.0") -> LayoutRef:
    return LayoutRef(folder=folder, tag=tag)


def _blob(folder: Path, digest: str) -> Path:
    return folder / "blobs" / digest.replace(":", "/")


def _index(folder: Path) -> list[dict[str, object]]:
    found = json.loads((folder / "index.json").read_bytes())["manifests"]
    assert isinstance(found, list)
    return found


@pytest.fixture
def layout(tmp_path: Path, image: Image) -> Path:
    """A layout that holds the image under the tag 1.0."""
    folder = tmp_path / "layout"
    oci.push(image, _ref(folder))
    return folder


def test_a_push_makes_a_layout_as_the_specification_says(tmp_path: Path, image: Image) -> None:
    oci.push(image, _ref(tmp_path / "new" / "layout"))

    folder = tmp_path / "new" / "layout"
    assert json.loads((folder / "oci-layout").read_bytes()) == {"imageLayoutVersion": "1.0.0"}
    assert _index(folder) == [
        {
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "digest": image.manifest.descriptor.digest,
            "size": len(image.manifest.content),
            "annotations": {"org.opencontainers.image.ref.name": "1.0"},
        }
    ]


def test_every_blob_lies_under_its_digest(layout: Path) -> None:
    files = list((layout / "blobs" / "sha256").iterdir())

    assert len(files) == 3
    assert all(digest_of(file.read_bytes()) == f"sha256:{file.name}" for file in files)


def test_a_layout_is_extended_and_its_foreign_content_kept(layout: Path, tmp_path: Path) -> None:
    (layout / "README").write_text("ours")
    foreign = {"mediaType": "x", "digest": "sha256:" + "0" * 64, "size": 1, "urls": ["u"]}
    document = json.loads((layout / "index.json").read_bytes())
    document["annotations"] = {"kept": "yes"}
    document["manifests"].append(foreign)
    (layout / "index.json").write_text(json.dumps(document))

    oci.push(image_of(tmp_path / "other", "other"), _ref(layout, "2.0.0"))

    assert (layout / "README").read_text() == "ours"
    assert json.loads((layout / "index.json").read_bytes())["annotations"] == {"kept": "yes"}
    assert foreign in _index(layout)
    assert len(_index(layout)) == 3


def test_a_tag_moves_to_the_image_pushed_last(layout: Path, tmp_path: Path) -> None:
    other = image_of(tmp_path / "other", "other")

    oci.push(other, _ref(layout))

    assert [entry["digest"] for entry in _index(layout)] == [other.manifest.descriptor.digest]


def test_a_second_push_writes_no_blob_again(layout: Path, image: Image) -> None:
    before = {path: path.stat().st_ino for path in (layout / "blobs" / "sha256").iterdir()}
    lines: list[str] = []

    oci.push(image, _ref(layout, "2.0.0"), on_progress=lines.append)

    assert {path: path.stat().st_ino for path in (layout / "blobs" / "sha256").iterdir()} == before
    assert [line.partition(": ")[2] for line in lines[:3]] == ["already there"] * 3


def test_a_push_repairs_a_damaged_blob(layout: Path, image: Image) -> None:
    _blob(layout, image.blobs[0].descriptor.digest).write_bytes(b"damaged")

    oci.push(image, _ref(layout))

    assert _blob(layout, image.blobs[0].descriptor.digest).read_bytes() == image.blobs[0].content


def test_an_image_is_pulled_by_its_digest_too(layout: Path, image: Image) -> None:
    digest = image.manifest.descriptor.digest

    pulled = oci.pull(parse(f"oci-layout:{layout}@{digest}"))

    assert pulled.image_digest == digest


def test_a_folder_of_somebody_elses_is_refused_and_untouched(tmp_path: Path, image: Image) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.png").write_bytes(b"meow")

    with pytest.raises(FilesError, match="neither empty nor an OCI image layout"):
        oci.push(image, _ref(tmp_path / "photos"))

    assert [path.name for path in (tmp_path / "photos").iterdir()] == ["cat.png"]


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path, image: Image) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(FilesError, match=r"cannot use .*: Not a directory"):
        oci.push(image, _ref(tmp_path / "file"))


def test_an_unknown_tag_is_answered_with_the_known_ones(layout: Path) -> None:
    with pytest.raises(FilesError, match="has no tag 9") as caught:
        oci.pull(_ref(layout, "9"))

    assert "its tags are 1.0" in caught.value.hint


def test_an_unknown_digest_is_answered_with_the_tags(layout: Path) -> None:
    with pytest.raises(FilesError, match="has no image sha256:0000"):
        oci.pull(parse(f"oci-layout:{layout}@sha256:{'0' * 64}"))


@pytest.mark.parametrize("name", ["missing", "", "x" * 300])
def test_a_folder_that_is_no_layout_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(FilesError, match=r"is not an OCI image layout|File name too long"):
        oci.pull(_ref(tmp_path / name))


@pytest.mark.parametrize(
    ("name", "text", "cause"),
    [
        ("oci-layout", None, "it has no file oci-layout"),
        ("oci-layout", "{", "oci-layout: not JSON"),
        ("oci-layout", "{}", r"does not say version 1\.0\.0"),
        ("index.json", None, "is missing"),
        ("index.json", "", "not JSON"),
        ("index.json", "[" * 100_000, "not JSON"),
        ("index.json", "[]", "not a JSON object"),
        ("index.json", "{}", "manifests is not a list"),
        ("index.json", '{"manifests": [1]}', r"manifests\[0\] is not a descriptor"),
        (
            "index.json",
            '{"manifests": [{"mediaType": "", "digest": "../x"}]}',
            r"manifests\[0\]\.digest is not",
        ),
    ],
    ids=range(10),
)
def test_a_damaged_layout_is_named_with_what_is_wrong(
    layout: Path, name: str, text: str | None, cause: str
) -> None:
    (layout / name).unlink()
    if text is not None:
        (layout / name).write_text(text)

    with pytest.raises(FilesError, match=cause):
        oci.pull(_ref(layout))


def test_a_folder_in_place_of_the_index_is_a_damaged_layout(layout: Path) -> None:
    (layout / "index.json").unlink()
    (layout / "index.json").mkdir()

    with pytest.raises(FilesError, match=r"index\.json is missing"):
        oci.pull(_ref(layout))


def test_a_push_to_a_damaged_layout_leaves_its_index_alone(layout: Path, image: Image) -> None:
    (layout / "index.json").write_text("{}")

    with pytest.raises(FilesError, match="manifests is not a list"):
        oci.push(image, _ref(layout))

    assert (layout / "index.json").read_text() == "{}"


@pytest.mark.parametrize("part", ["manifest", "layer"])
def test_a_missing_blob_is_a_damaged_layout(layout: Path, image: Image, part: str) -> None:
    blob = image.manifest if part == "manifest" else image.blobs[0]
    _blob(layout, blob.descriptor.digest).unlink()

    with pytest.raises(FilesError, match=f"{blob.descriptor.digest} is missing"):
        oci.pull(_ref(layout))


@pytest.mark.parametrize("part", ["manifest", "layer"])
def test_a_blob_with_a_flipped_bit_is_refused(layout: Path, image: Image, part: str) -> None:
    blob = image.manifest if part == "manifest" else image.blobs[0]
    content = bytearray(blob.content)
    content[20] ^= 1
    _blob(layout, blob.descriptor.digest).write_bytes(content)

    with pytest.raises(ImageRefusedError, match=f"where {len(content)} bytes with sha256:"):
        oci.pull(_ref(layout))


def test_a_truncated_blob_is_refused(layout: Path, image: Image) -> None:
    layer = image.blobs[0]
    _blob(layout, layer.descriptor.digest).write_bytes(layer.content[:-1])

    with pytest.raises(ImageRefusedError, match=f"has {layer.descriptor.size - 1} bytes where"):
        oci.pull(_ref(layout))


@contextlib.contextmanager
def _small_disk(folder: Path) -> Iterator[Path]:
    folder.mkdir()
    _run("mount", "-t", "tmpfs", "-o", "size=64k", "none", folder)
    try:
        yield folder
    finally:
        _run("umount", folder)


def _run(program: str, *words: str | Path) -> None:
    found = shutil.which(program)
    assert found, f"this test needs {program}, and root"
    subprocess.run([found, *words], check=True)


@pytest.mark.parametrize("free_pages", range(5))
def test_a_full_disk_leaves_no_tag_and_nothing_half_written(
    tmp_path: Path, image: Image, free_pages: int
) -> None:
    with _small_disk(tmp_path / "disk") as disk:
        layout = disk / "layout"
        _fill(disk / "filler", free_pages)

        with pytest.raises(FilesError, match="No space left on device"):
            oci.push(image, _ref(layout))

        assert not (layout / "index.json").exists()
        whole = {image.manifest.content, *(blob.content for blob in image.blobs)}
        assert {file.read_bytes() for file in (layout / "blobs").rglob("*/*")} <= whole
        (disk / "filler").unlink()
        oci.push(image, _ref(layout))
        assert oci.pull(_ref(layout)).image_digest == image.manifest.descriptor.digest


def _fill(file: Path, free_pages: int) -> None:
    with contextlib.suppress(OSError), file.open("wb", buffering=0) as output:
        while True:
            output.write(bytes(4096))
    os.truncate(file, file.stat().st_size - free_pages * 4096)


_PUSH_UNTIL_KILLED = """
import os, signal, sys
from pathlib import Path
from wasmctl import oci, project
from wasmctl.oci.reference import parse

def count(line):
    left.pop()
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)

left = [None] * int(sys.argv[3])
oci.push(oci.make(project.load(Path(sys.argv[1]))), parse(sys.argv[2]), on_progress=count)
"""


@pytest.mark.parametrize("step", range(1, 6))
def test_a_push_killed_at_any_step_leaves_the_old_image_or_the_new_one(
    layout: Path, image: Image, tmp_path: Path, step: int
) -> None:
    other = image_of(tmp_path / "other", "other")
    words = [str(tmp_path / "other"), str(_ref(layout)), str(step)]

    killed = subprocess.run([sys.executable, "-c", _PUSH_UNTIL_KILLED, *words], check=False)

    assert killed.returncode == -signal.SIGKILL
    written = other if step == 5 else image  # the fifth line comes when the index is written
    assert oci.pull(_ref(layout)).image_digest == written.manifest.descriptor.digest
    oci.push(other, _ref(layout))
    assert oci.pull(_ref(layout)).image_digest == other.manifest.descriptor.digest


def test_two_pushes_at_once_both_arrive(tmp_path: Path, image: Image) -> None:
    tags = [f"t{number}" for number in range(8)]
    context = multiprocessing.get_context("spawn")
    with context.Pool(2) as pool:
        pool.starmap(_push, [(image, tmp_path / "layout", tag) for tag in tags])

    found = [entry["annotations"] for entry in _index(tmp_path / "layout")]
    assert len(found) == 8
    assert all({"org.opencontainers.image.ref.name": tag} in found for tag in tags)


def _push(image: Image, folder: Path, tag: str) -> None:
    oci.push(image, _ref(folder, tag))


def test_a_disk_that_cannot_be_written_is_refused(tmp_path: Path, image: Image) -> None:
    read_only = tmp_path / "disk"
    with _small_disk(read_only):
        _run("mount", "-o", "remount,ro", read_only)

        with pytest.raises(FilesError, match="Read-only file system"):
            oci.push(image, _ref(read_only / "layout"))


def test_a_pipe_in_place_of_a_blob_does_not_block(layout: Path, image: Image) -> None:
    blob = _blob(layout, image.blobs[0].descriptor.digest)
    blob.unlink()
    os.mkfifo(blob)

    with pytest.raises(FilesError, match="is missing"):
        oci.pull(_ref(layout))
