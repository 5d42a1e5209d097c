"""What a registry means when it does not do what it was asked, as our errors.

Source: OCI distribution specification, "Error Codes".
"""

import json
from collections.abc import Mapping

from wasmctl.errors import RegistryError
from wasmctl.oci.authentication import login_hint
from wasmctl.oci.patience import TransientError
from wasmctl.oci.strangers import printable

NOT_FOUND, _TOO_MANY_REQUESTS = 404, 429
_SERVER_ERROR = 500
_UNKNOWN_USER = {401, 403}

_NOT_FOUND_HINT = "check registry, repository and tag for a slip"
_LIMIT_HINT = "wait some minutes, then run the command again"
_TROUBLE_HINT = "run the command again later; the registry's own log tells more"
_OTHER_HINT = "check the reference; --plain-http is for registries that speak plain HTTP, only"


def refusal(
    *,
    registry: str,
    doing: str,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    identity: str,
) -> RegistryError | TransientError:
    """Return what to raise for an answer that is no success.

    ``doing`` is a verb phrase that names the image, ``identity`` who asked. What may pass (too
    many requests, the server's own failures) is a TransientError, with the pause that the
    registry asks for.
    """
    answer = f"{status}{_said(body)}"
    if status == NOT_FOUND:
        return RegistryError(
            f"{registry} cannot {doing}: not found ({answer})", hint=_NOT_FOUND_HINT
        )
    if status in _UNKNOWN_USER:
        return RegistryError(
            f"{registry} refused to {doing} {identity} ({answer})", hint=login_hint(registry)
        )
    error = RegistryError(f"{registry} refused to {doing} ({answer})", hint=_hint(status))
    if status == _TOO_MANY_REQUESTS or status >= _SERVER_ERROR:
        return TransientError(error, _retry_after(headers))
    return error


def _hint(status: int) -> str:
    match status:
        case 429:
            return _LIMIT_HINT
        case _:
            return _TROUBLE_HINT if status >= _SERVER_ERROR else _OTHER_HINT


def _said(body: bytes) -> str:
    """Return the registry's own code and words, or nothing where it says none."""
    try:
        error = json.loads(body)["errors"][0]
        words = f" {error['code']}: {error['message']}"
    except (ValueError, LookupError, TypeError, RecursionError):
        return ""
    return printable(words)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    seconds = headers.get("Retry-After", "")
    return float(seconds[:6]) if seconds.isascii() and seconds.isdigit() else None
