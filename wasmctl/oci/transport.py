"""HTTP as registries need it: time limits, the right proxy, failures as our errors.

The only module that knows requests.
"""

import contextlib
import ipaddress
import ssl
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from wasmctl import files
from wasmctl.errors import DeadlineError, FilesError, NetworkError, RegistryError
from wasmctl.oci.access import Access
from wasmctl.oci.patience import Patience, TransientError
from wasmctl.oci.stream import CHUNK

Response = requests.Response

# Takes the bytes that have passed, and how many there are.
OnCount = Callable[[int, int], None]

_MAX_REDIRECTS = 5
_PIECE = 64 * 1024

_TLS_HINT = (
    "a registry that speaks plain HTTP needs --plain-http, one with a certificate of your own"
    " authority --ca-file FILE"
)
_PROXY_HINT = "check HTTP_PROXY and HTTPS_PROXY; NO_PROXY names the hosts to reach directly"
_ADDRESS_HINT = "check its name and port, that it runs, and this machine's network"
_SILENCE_HINT = "run the command again; what was uploaded already is not sent twice"


def _uncounted(_passed: int, _all: int) -> None:
    pass


class Upload:
    """Bytes to be sent in pieces, as often as needed; ``on_count`` hears how many have gone."""

    def __init__(self, content: bytes, on_count: OnCount) -> None:
        self._content = memoryview(content)
        self._on_count = on_count

    def __len__(self) -> int:
        return len(self._content)

    def __iter__(self) -> Iterator[memoryview]:
        # Each piece must be taken within the time limit: small enough for a slow line.
        for start in range(0, len(self._content), _PIECE):
            piece = self._content[start : start + _PIECE]
            yield piece
            self._on_count(start + len(piece), len(self._content))


Payload = bytes | Upload


def prepare(session: requests.Session, access: Access) -> None:
    """Make a session send no password it finds by itself, and choose its proxies by our rule.

    Raises FilesError where the file of certificates cannot be used.
    """
    # The environment would add passwords from ~/.netrc; the adapter looks at the proxies.
    session.trust_env = False
    session.max_redirects = _MAX_REDIRECTS
    session.headers["User-Agent"] = "wasmctl"
    session.verify = not access.insecure
    if access.insecure:  # the user said so, and need not hear it at every request
        warnings.filterwarnings("ignore", message="Unverified HTTPS request")
    tls = None if access.plain_http else _tls(access)
    for scheme in ("http://", "https://"):
        session.mount(scheme, _Adapter(tls))


def _tls(access: Access) -> ssl.SSLContext:
    # The system's certificates and those that SSL_CERT_FILE names; requests adds its own.
    context = ssl.create_default_context()
    # From 3.13 on, Python refuses what many an organisation's own authority signs, and what
    # Docker and curl accept.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.check_hostname = not access.insecure
    if access.ca_file:
        _trust(context, access.ca_file)
    return context


def _trust(context: ssl.SSLContext, ca_file: Path) -> None:
    try:
        context.load_verify_locations(ca_file)
    except ssl.SSLError as error:
        raise FilesError(
            f"{ca_file} holds no certificate", hint="name a file of certificates in PEM form"
        ) from error
    except OSError as error:
        raise files.refusal(error, "read", ca_file) from error


def send(
    session: requests.Session,
    method: str,
    url: str,
    *,
    data: Payload | None,
    headers: Mapping[str, str],
    patience: Patience,
    follows: bool = True,
) -> Response:
    """Make one attempt at a request; the body of the answer is left to be read.

    Raises requests' errors: ``translated`` turns them into ours.
    """
    return session.request(
        method,
        url,
        data=data,  # type: ignore[arg-type]  # what is iterable and has a length will do
        # A blob must arrive as it is stored, whatever the server would like to compress.
        headers={"Accept-Encoding": "identity", **headers},
        stream=True,
        timeout=(patience.connect_seconds, patience.silent_seconds),
        allow_redirects=follows and method in {"GET", "HEAD"},
    )


def chunks(
    response: Response, registry: str, on_count: OnCount = _uncounted, size: int = 0
) -> Iterator[bytes]:
    """Yield an answer's body in pieces; raises as ``translated`` does.

    ``on_count`` is told of the bytes that have come, and of the ``size`` there should be.

    Failures are translated here, where they arise: whoever reads the pieces may take requests'
    errors, which are system errors to Python, for damage in what is read.
    """
    with translated(registry):
        passed = 0
        for chunk in response.iter_content(CHUNK):
            passed += len(chunk)
            on_count(passed, size)
            yield chunk


@contextlib.contextmanager
def translated(registry: str) -> Iterator[None]:
    """Turn requests' errors inside the block into ours, with the registry's name.

    Raises TransientError, which holds a NetworkError, for what may pass; RegistryError,
    DeadlineError.
    """
    try:
        yield
    except requests.exceptions.RequestException as error:
        raise _translated(error, registry) from error


class _Adapter(HTTPAdapter):
    """Chooses the proxy for each request, redirected ones included, and never one for loopback."""

    def __init__(self, tls: ssl.SSLContext | None) -> None:
        self._tls = tls
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - requests' own
        super().init_poolmanager(*args, ssl_context=self._tls, **options)

    def proxy_manager_for(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - requests' own
        return super().proxy_manager_for(*args, ssl_context=self._tls, **options)

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - requests' own
        options["proxies"] = _proxies(request.url or "")
        return super().send(request, *args, **options)


def _proxies(url: str) -> dict[str, str]:
    if _is_loopback(urlsplit(url).hostname or ""):
        return {}
    return dict(requests.utils.get_environ_proxies(url))


def _is_loopback(host: str) -> bool:
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost" or host.endswith(".localhost")


def _translated(error: Exception, registry: str) -> Exception:
    """Return our error for one of requests'."""
    reason = _reason(error)
    match error:
        case requests.exceptions.SSLError():
            return RegistryError(f"no secure connection to {registry}: {reason}", hint=_TLS_HINT)
        case requests.exceptions.ProxyError():
            return _unreachable(f"{registry} through the proxy: {reason}", _PROXY_HINT)
        case requests.exceptions.ConnectTimeout():
            return _unreachable(f"{registry}: no answer in time", _ADDRESS_HINT)
        case _ if any(isinstance(cause, TimeoutError) for cause in _causes(error)):
            return DeadlineError(f"{registry} did not answer in time", hint=_SILENCE_HINT)
        case requests.exceptions.ConnectionError() | requests.exceptions.ChunkedEncodingError():
            return _unreachable(f"{registry}: {reason}", _ADDRESS_HINT)
        case _:
            return RegistryError(
                f"{registry} does not answer as a registry: {reason}",
                hint="check the registry's name and port",
            )


def _unreachable(what: str, hint: str) -> TransientError:
    return TransientError(NetworkError(f"cannot reach {what}", hint=hint))


def _reason(error: Exception) -> str:
    """Return the system's own words for a failure, which libraries wrap several times."""
    found = [cause.strerror for cause in _causes(error) if isinstance(cause, OSError)]
    return next((words for words in reversed(found) if words), "the connection was cut")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error:
        yield error
        error = error.__cause__ or error.__context__
