"""The address of a template in a git repository, written as pip writes them.

``URL[@REF][#subdirectory=FOLDER]``: a branch, a tag or a commit; the template's folder.
"""

from dataclasses import dataclass

from wasmctl.errors import UsageError

_FOLDER = "subdirectory="


@dataclass(frozen=True, kw_only=True)
class GitAddress:
    """Where a template is; ``ref`` and ``folder`` may be empty: the default branch, the root."""

    url: str
    ref: str = ""
    folder: str = ""

    @property
    def name(self) -> str:
        """The word that the template is called by."""
        return (self.folder or self.url).rstrip("/").rpartition("/")[2].removesuffix(".git")


def parse(text: str) -> GitAddress:
    """Read an address. Raises UsageError where it is none."""
    place, _, fragment = text.partition("#")
    begin = _path_begin(place)
    # An address may have a user before its host, and a path no @ but the one before the REF.
    path, at, ref = place[begin:].rpartition("@")
    if not at:
        path, ref = ref, ""
    is_whole = (
        bool(path) and bool(ref) == bool(at) and (not fragment or fragment.startswith(_FOLDER))
    )
    if not is_whole or begin == 0 or place.startswith("-"):
        raise UsageError(
            f"git+{text} is no address",
            hint="write git+https://HOST/PATH[@REF][#subdirectory=FOLDER]",
        )
    return GitAddress(
        url=place[:begin] + path, ref=ref, folder=fragment.removeprefix(_FOLDER).strip("/")
    )


def _path_begin(place: str) -> int:
    """Return where the path begins: behind the host of a URL, or of ``user@host:path``; or 0."""
    if place.startswith("/"):
        return 1
    scheme, colons, _ = place.partition("://")
    if colons:
        return place.find("/", len(scheme) + len(colons)) + 1
    return place.find(":") + 1
