"""The images of one repository in a registry: the only module that knows oras.

Source: OCI distribution specification. ``oras.provider.Registry`` carries the session and the
URLs. Its push, pull, retries and authentication stay unused: they check no digest, know no
timeout, unpack archives without care and repeat every failure for two minutes (oras-py 0.2.43).
"""

import contextlib
import functools
import io
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar
from urllib.parse import quote, urljoin, urlsplit

import oras.container
import oras.provider

from wasmctl.errors import ImageRefusedError, RegistryError
from wasmctl.oci import credentials, transport
from wasmctl.oci.access import Access
from wasmctl.oci.authentication import Authenticator
from wasmctl.oci.credentials import Credentials
from wasmctl.oci.digests import digest_of, is_digest, shortened
from wasmctl.oci.image import Image, Part
from wasmctl.oci.manifest import (
    DOCKER_INDEX,
    DOCKER_MANIFEST,
    MANIFESTS,
    MAX_MANIFEST_SIZE,
    OCI_INDEX,
    OCI_MANIFEST,
    Descriptor,
    MalformedError,
    json_object,
)
from wasmctl.oci.patience import Patience
from wasmctl.oci.reference import ImageRef
from wasmctl.oci.refusals import NOT_FOUND, refusal
from wasmctl.oci.store import OnBytes, OnProgress, uncounted
from wasmctl.oci.stream import CHUNK, BlobStream, Readable, taken
from wasmctl.oci.transport import Payload, Response, Upload

_Result = TypeVar("_Result")
_ACCEPT = f"{OCI_MANIFEST}, {OCI_INDEX}, {DOCKER_MANIFEST}, {DOCKER_INDEX}"
_DIGEST_HEADER = "Docker-Content-Digest"
_MAX_PAGES = 1000
_UNAUTHORIZED = 401

# Finds the credentials for a registry and a repository.
LookUp = Callable[[str, str], Credentials | None]


class Registry(oras.provider.Registry):  # type: ignore[misc]  # oras ships no types
    """One repository, over connections that ``close`` ends."""

    def __init__(
        self,
        image: ImageRef,
        on_progress: OnProgress,
        *,
        access: Access,
        patience: Patience | None = None,
        look_up: LookUp = credentials.find,
        on_bytes: OnBytes = uncounted,
    ) -> None:
        super().__init__(hostname=image.api_host, insecure=access.plain_http)
        self._image = image
        self._container = _container(image)
        self._on_progress = on_progress
        self._on_bytes = on_bytes
        self._patience = patience or Patience()
        self._has_answered = False
        transport.prepare(self.session, access)
        self._authenticator = Authenticator(
            image.registry,
            self._url(image.api_host),
            lambda: look_up(image.registry, image.repository),
            self._fetch,
        )

    def close(self) -> None:
        """End the connections."""
        self.session.close()

    def push(self, image: Image, tag: str) -> None:
        """Upload an image: its blobs, then its manifest, which makes it visible, under ``tag``.

        Raises NetworkError where the registry cannot be reached, DeadlineError where it stalls,
        RegistryError where it refuses, ImageRefusedError where it stores something else.
        """
        for part in image.blobs:
            self._persist(functools.partial(self._store, part))
        self._on_progress(f"{tag}: uploading the manifest")
        self._persist(functools.partial(self._put_manifest, image.manifest, tag))

    def manifest(self, selector: str) -> bytes:
        """Return the manifest that a tag or digest names; raises as ``push`` does."""
        return self._persist(functools.partial(self._get_manifest, selector))

    def digest(self, tag: str) -> str | None:
        """Return the digest of the image under a tag, or None; raises as ``push`` does."""
        return self._persist(functools.partial(self._find, tag))

    def tags(self) -> list[str]:
        """Return the repository's tags, page by page; raises as ``push`` does."""
        found, page = [], self._url(self._container.tags_url())
        for _ in range(_MAX_PAGES):
            names, page = self._persist(functools.partial(self._get_tags, page))
            found += names
            if not page:
                return found
        raise self._no_registry("lists tags without an end")

    def check_login(self) -> None:
        """Have the registry accept who we are; raises RegistryError where it does not."""
        self._persist(self._knock)

    def read(self, descriptor: Descriptor, take: Callable[[Readable], _Result]) -> _Result:
        """Return what ``take`` makes of the bytes a descriptor names; raises as ``push`` does."""
        return self._persist(functools.partial(self._get_blob, descriptor, take))

    def do_request(
        self,
        url: str,
        method: str = "GET",
        data: Payload | None = None,
        headers: Mapping[str, str] | None = None,
        json: object = None,
        stream: bool = True,  # noqa: FBT001, FBT002 - oras' own signature
    ) -> Response:
        """Make one attempt at a request; the caller closes the answer, whose body is unread.

        A registry that asks who is there is answered, once.
        """
        del json, stream  # the callers here have bytes to send, and read in pieces
        response = self._send(method, url, headers or {}, data)
        if response.status_code != _UNAUTHORIZED or not self._satisfies(response):
            return response
        response.close()
        return self._send(method, url, headers or {}, data)

    def _satisfies(self, response: Response) -> bool:
        """Make ready to ask again as somebody; whether there is anything new to say."""
        challenge = response.headers.get("WWW-Authenticate", "")
        try:
            return self._authenticator.answers(response.url, challenge)
        except BaseException:
            response.close()
            raise

    def _send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        data: Payload | None,
        *,
        follows: bool = True,
    ) -> Response:
        with transport.translated(self._image.registry):
            response = transport.send(
                self.session,
                method,
                url,
                data=data,
                headers={**headers, **self._authenticator.headers(url)},
                patience=self._patience,
                follows=follows,
            )
        self._has_answered = True
        return response

    def _fetch(
        self, method: str, url: str, headers: Mapping[str, str], data: bytes | None
    ) -> tuple[int, bytes]:
        """Ask the token server, which may be another host."""
        with self._send(method, url, headers, data, follows=False) as response:
            return response.status_code, self._document(response)

    def _persist(self, operation: Callable[[], _Result]) -> _Result:
        """Run an operation that can be repeated as a whole.

        An upload is one: repeated, it asks what is there and opens a new session. A POST alone
        is never sent twice.
        """
        return self._patience.persist(
            operation, has_answered=lambda: self._has_answered, on_wait=self._on_progress
        )

    def _store(self, part: Part) -> None:
        if part.descriptor.media_type in MANIFESTS:
            self._put_manifest(part, part.descriptor.digest)
        else:
            self._upload(part)

    def _knock(self) -> None:
        with self._answer("log in", "GET", f"{self._url(self._image.api_host)}/v2/"):
            pass

    def _upload(self, blob: Part) -> None:
        digest = blob.descriptor.digest
        if self._has(digest):
            self._on_progress(f"{shortened(digest)}: already there")
            return
        self._on_progress(f"{shortened(digest)}: uploading {blob.descriptor.size:,} bytes")
        url = self._upload_url(digest)
        headers = {"Content-Type": "application/octet-stream"}
        data = Upload(blob.content, functools.partial(self._on_bytes, shortened(digest)))
        with self._answer(f"store {digest}", "PUT", url, headers=headers, data=data):
            pass

    def _has(self, digest: str) -> bool:
        url = self._url(self._container.get_blob_url(digest))
        with self._answer(f"look up {digest}", "HEAD", url, expected=NOT_FOUND) as response:
            return response.status_code != NOT_FOUND

    def _upload_url(self, digest: str) -> str:
        """Open an upload session and return where its bytes go."""
        url = self._url(self._container.upload_blob_url())
        with self._answer(f"take an upload to {self._image.repository}", "POST", url) as response:
            location = response.headers.get("Location", "")
        with contextlib.suppress(ValueError):
            target = urljoin(url, location)
            if location and urlsplit(target).scheme in {"http", "https"}:
                return f"{target}{'&' if urlsplit(target).query else '?'}digest={quote(digest)}"
        raise self._no_registry("opened an upload without saying where")

    def _put_manifest(self, manifest: Part, tag: str) -> None:
        url, descriptor = self._url(self._container.manifest_url(tag)), manifest.descriptor
        headers = {"Content-Type": descriptor.media_type}
        with self._answer(
            f"store {self._name(tag)}", "PUT", url, headers=headers, data=manifest.content
        ) as response:
            self._compare(response.headers.get(_DIGEST_HEADER, ""), descriptor.digest)

    def _get_manifest(self, selector: str) -> bytes:
        url = self._url(self._container.manifest_url(selector))
        doing = f"deliver {self._name(selector)}"
        with self._answer(doing, "GET", url, headers={"Accept": _ACCEPT}) as response:
            content = self._document(response)
            announced = response.headers.get(_DIGEST_HEADER, "")
        self._compare(selector if is_digest(selector) else announced, digest_of(content))
        return content

    def _find(self, tag: str) -> str | None:
        url, doing = self._url(self._container.manifest_url(tag)), f"look up {self._name(tag)}"
        headers = {"Accept": _ACCEPT}
        with self._answer(doing, "HEAD", url, headers=headers, expected=NOT_FOUND) as response:
            if response.status_code == NOT_FOUND:
                return None
            announced = response.headers.get(_DIGEST_HEADER, "")
        return announced if is_digest(announced) else digest_of(self._get_manifest(tag))

    def _get_tags(self, url: str) -> tuple[list[str], str]:
        """Return the tags of one page, and the next page's address or nothing."""
        with self._answer(f"list the tags of {self._image.repository}", "GET", url) as response:
            content, following = self._document(response), response.links.get("next", {})
        with contextlib.suppress(MalformedError, ValueError):
            found = json_object(content).get("tags")
            names = [] if found is None else found
            page = urljoin(url, following.get("url", "")) if following else ""
            if isinstance(names, list) and all(isinstance(name, str) for name in names):
                return names, page
        raise self._no_registry("lists its tags in no way that can be read")

    def _get_blob(self, descriptor: Descriptor, take: Callable[[Readable], _Result]) -> _Result:
        url, registry = self._url(self._container.get_blob_url(descriptor.digest)), self._image
        with self._answer(f"deliver {descriptor.digest}", "GET", url) as response:
            counted = functools.partial(self._on_bytes, shortened(descriptor.digest))
            chunks = transport.chunks(response, registry.registry, counted, descriptor.size)
            return taken(BlobStream(chunks, descriptor, registry.registry), take)

    def _document(self, response: Response) -> bytes:
        """Read a document whose digest is not known yet."""
        content = io.BytesIO()
        for chunk in transport.chunks(response, self._image.registry):
            content.write(chunk)
            if content.tell() > MAX_MANIFEST_SIZE:
                raise ImageRefusedError(
                    f"{self._image.registry} sent more than the {MAX_MANIFEST_SIZE:,} bytes"
                    " expected",
                    hint="the stored image is damaged or was changed: do not use it",
                )
        return content.getvalue()

    def _url(self, path: str) -> str:
        return f"{self.prefix}://{path}"

    def _name(self, selector: str) -> str:
        return f"{self._image.repository}{'@' if is_digest(selector) else ':'}{selector}"

    @contextlib.contextmanager
    def _answer(
        self,
        doing: str,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        data: Payload | None = None,
        expected: int | None = None,
    ) -> Iterator[Response]:
        """Give the answer to a request if it is a success, or has the status ``expected``."""
        response = self.do_request(url, method, data=data, headers=headers)
        with transport.translated(self._image.registry), response:
            status = response.status_code
            if status != expected and status // 100 != 2:  # noqa: PLR2004 - HTTP's successes
                body = next(response.iter_content(CHUNK), b"")
                raise refusal(
                    registry=self._image.registry,
                    doing=doing,
                    status=status,
                    headers=response.headers,
                    body=body,
                    identity=self._authenticator.identity,
                )
            yield response

    def _no_registry(self, what: str) -> RegistryError:
        return RegistryError(
            f"{self._image.registry} {what}",
            hint="this is no working OCI registry: look at its own log",
        )

    def _compare(self, announced: str, digest: str) -> None:
        if is_digest(announced) and announced != digest:
            raise ImageRefusedError(
                f"{self._image.registry} has {announced} where {digest} belongs",
                hint="the stored image is damaged or was changed: do not use it, push it again",
            )


def _container(image: ImageRef) -> Any:  # noqa: ANN401 - oras ships no types
    # Set piece by piece: oras' own parser takes a first part with a dot for a registry.
    namespace, _, name = image.repository.rpartition("/")
    container = oras.container.Container(name, registry=image.api_host)
    container.namespace = namespace or None
    return container
