"""What a Docker Engine says where it does not do what it is asked, as our errors."""

import contextlib
from collections.abc import Iterator

from docker.errors import APIError, DockerException

from wasmctl.containers.endpoint import unreachable
from wasmctl.errors import EnvironmentMissingError

_FULL = "no space left on device"


@contextlib.contextmanager
def said(endpoint: str, refusal: str) -> Iterator[None]:
    """Raise EnvironmentMissingError for what docker-py raises in the block.

    ``refusal`` is what the engine does not do: "cannot start the container".
    """
    try:
        yield
    except APIError as error:
        words = reason(error)
        raise EnvironmentMissingError(
            f"the Docker Engine at {endpoint} {refusal}: {words}", hint=_remedy(words)
        ) from error
    except (DockerException, OSError) as error:  # what its HTTP client raises is an OSError
        raise unreachable(endpoint, error) from error


def _remedy(words: str) -> str:
    if _FULL in words.lower():
        return "free some of its disk: `wasmctl cache prune`, `docker system prune`"
    return "what it says is its own; `docker info` shows how it is set up"


def reason(error: APIError) -> str:
    """Return the engine's own words, in one line."""
    return " ".join(str(error.explanation or error).split())
