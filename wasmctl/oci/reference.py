"""Where an image is: in a repository of a registry, or in an OCI image layout on disk.

Grammar: OCI distribution specification, "Pulling manifests", for repository and tag; host names
as in RFC 1123. Two decisions keep a slip of the pen from reaching the wrong place: a registry is
always named (other tools read ``acme/filter:1`` as Docker Hub), and so is a tag or digest (others
add ``latest``).
"""

import contextlib
import dataclasses
import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path

from wasmctl.errors import UsageError
from wasmctl.oci.digests import is_digest

LAYOUT_PREFIX = "oci-layout:"
_URL_PREFIX = "oci://"  # as Istio writes references, and users copy them

DOCKER_HUB = "docker.io"
DOCKER_HUB_NAMES = {DOCKER_HUB, "index.docker.io", "registry-1.docker.io"}
_HUB_API = "registry-1.docker.io"

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*", re.IGNORECASE)
_COMPONENT = r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*"
_REPOSITORY = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*")
_NAME_LENGTH = 255
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_MAX_PORT = 65535

_EXAMPLES = "write REGISTRY/REPOSITORY:TAG (ghcr.io/acme/edge-auth:1.0.0) or oci-layout:DIR:TAG"


@dataclass(frozen=True, kw_only=True)
class ImageRef:
    """An image in a registry; a tag or a digest is there, and with both the digest decides.

    Attributes:
        registry: host and port as the user knows them: ``docker.io``, ``localhost:5000``.

    """

    registry: str
    repository: str
    tag: str | None = None
    digest: str | None = None

    def __str__(self) -> str:
        return f"{self.registry}/{self.repository}{_suffix(self.tag, self.digest)}"

    @property
    def api_host(self) -> str:
        """Host and port of the registry's API, which Docker Hub keeps under another name."""
        return _HUB_API if self.registry == DOCKER_HUB else self.registry


@dataclass(frozen=True, kw_only=True)
class LayoutRef:
    """An image in a layout on disk; a tag or a digest is there, and with both the digest decides.

    ``folder`` may hold colons: the tag begins after the last one.
    """

    folder: Path
    tag: str | None = None
    digest: str | None = None

    def __str__(self) -> str:
        return f"{LAYOUT_PREFIX}{self.folder}{_suffix(self.tag, self.digest)}"


Reference = ImageRef | LayoutRef


def _suffix(tag: str | None, digest: str | None) -> str:
    return (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")


def parse(text: str) -> Reference:
    """Read a reference.

    Raises UsageError, which says what is wrong with it.
    """
    if text.startswith(LAYOUT_PREFIX):
        return _parse_layout(text)
    return _parse_image(text)


def parse_target(text: str) -> Reference:
    """Read a reference to push to: it has a tag, and no digest.

    Raises UsageError.
    """
    found = parse(text)
    tag_to_push(found)
    return found


def tag_to_push(reference: Reference) -> str:
    """Return the tag of a reference that can be pushed to.

    Raises UsageError for one without a tag or with a digest.
    """
    if reference.digest or not reference.tag:
        raise UsageError(
            f"cannot push to {reference}: a push needs a tag, and makes the digest itself",
            hint="write the reference as REGISTRY/REPOSITORY:TAG or oci-layout:DIR:TAG",
        )
    return reference.tag


def parse_repository(text: str) -> Reference:
    """Read the name of a repository, or of a layout; a tag on it is an error.

    Raises UsageError.
    """
    if text.startswith(LAYOUT_PREFIX):
        folder = text.removeprefix(LAYOUT_PREFIX)
        if not folder:
            raise UsageError(f"{text!r} lacks a folder", hint="write oci-layout:DIR")
        return LayoutRef(folder=Path(folder))
    if ":" in text.rpartition("/")[2] or "@" in text:
        raise UsageError(
            f"{text!r} names one image, not a repository", hint="leave the tag and digest away"
        )
    return dataclasses.replace(_parse_image(f"{text}:latest"), tag=None)


def parse_registry(text: str) -> str:
    """Read the name of a registry: a host, with a port if need be.

    Raises UsageError.
    """
    host = re.sub("^https?://", "", text).rstrip("/")
    return _checked_registry(host, text)


def parse_or_path(text: str) -> Reference | Path:
    """Read what is a file's path, where there is such a file, and a reference elsewhere.

    Raises UsageError for what is neither.
    """
    path = Path(text)
    if not text.startswith((LAYOUT_PREFIX, _URL_PREFIX)) and (path.exists() or _is_path(text)):
        return path
    return parse(text)


def _is_path(text: str) -> bool:
    first, name = text.partition("/")[0], text.rpartition("/")[2]
    if text.startswith(("/", "./", "../")) or text.endswith(".wasm"):
        return True
    return not _names_registry(first) and ":" not in name and "@" not in name


def _parse_layout(text: str) -> LayoutRef:
    name, digest = _split_digest(text.removeprefix(LAYOUT_PREFIX), text)
    folder, colon, tag = name.rpartition(":")
    if (not colon and digest) or "/" in tag:
        folder, tag = name, ""  # the colon, if any, is one of the folder's
    if not folder or not (tag or digest):
        raise UsageError(f"{text!r} lacks a folder or a tag", hint="write oci-layout:DIR:TAG")
    return LayoutRef(folder=Path(folder), tag=_checked_tag(tag, text), digest=digest)


def _parse_image(text: str) -> ImageRef:
    name, digest = _split_digest(text.removeprefix(_URL_PREFIX), text)
    if "://" in name:
        raise UsageError(f"{text!r} is a URL, not an image reference", hint=_EXAMPLES)
    registry, slash, path = name.partition("/")
    if not slash or not _names_registry(registry):
        raise _no_registry(text, name)
    repository, _, tag = path.partition(":")
    if not (tag or digest):
        raise UsageError(f"{text!r} names no tag", hint=f"add one: {text.rstrip(':')}:TAG")
    registry = _checked_registry(registry, text)
    if registry == DOCKER_HUB and "/" not in repository:
        repository = f"library/{repository}"
    return ImageRef(
        registry=registry,
        repository=_checked_repository(repository, text),
        tag=_checked_tag(tag, text),
        digest=digest,
    )


def _split_digest(name: str, text: str) -> tuple[str, str | None]:
    name, at, digest = name.partition("@")
    if at and not is_digest(digest):
        raise UsageError(
            f"{digest!r} in {text!r} is not a digest",
            hint="write sha256: and 64 hexadecimal digits in lower case after the @",
        )
    return name, digest or None


def _names_registry(first: str) -> bool:
    return first.lower() == "localhost" or any(sign in first for sign in ".:[")


def _no_registry(text: str, name: str) -> UsageError:
    guess = f"; for Docker Hub write {DOCKER_HUB}/{name}" if "/" in name else ""
    return UsageError(f"{text!r} names no registry", hint=_EXAMPLES + guess)


def _checked_registry(registry: str, text: str) -> str:
    host, port = registry.lower(), ""
    if not host.endswith("]"):
        host, colon, port = host.rpartition(":") if ":" in host else (host, "", "")
        if colon and not (port.isascii() and port.isdigit() and 0 < int(port[:6]) <= _MAX_PORT):
            raise UsageError(f"{port!r} in {text!r} is not a port", hint=_EXAMPLES)
    if not (_HOST.fullmatch(host) or _is_ipv6(host)):
        raise UsageError(f"{registry!r} in {text!r} is not a registry's host", hint=_EXAMPLES)
    if host in DOCKER_HUB_NAMES and not port:
        return DOCKER_HUB
    return f"{host}:{port}" if port else host


def _is_ipv6(host: str) -> bool:
    if not (host.startswith("[") and host.endswith("]")) or "%" in host:
        return False
    with contextlib.suppress(ValueError):
        ipaddress.IPv6Address(host[1:-1])
        return True
    return False


def _checked_repository(repository: str, text: str) -> str:
    if _REPOSITORY.fullmatch(repository) and len(repository) <= _NAME_LENGTH:
        return repository
    raise UsageError(
        f"{repository!r} in {text!r} is not a repository's name",
        hint="use lower-case letters and digits, with / . _ - between them",
    )


def _checked_tag(tag: str, text: str) -> str | None:
    if not tag or _TAG.fullmatch(tag):
        return tag or None
    raise UsageError(
        f"{tag!r} in {text!r} is not a tag",
        hint="use letters, digits, . _ - and at most 128 of them, beginning with none of . -",
    )
