"""What a Docker Engine says where it does not do what it is asked, as our errors."""

import contextlib
from collections.abc import Iterator

from docker.errors import APIError, DockerException

from wasmctl.containers.endpoint import unreachable
from wasmctl.errors import EnvironmentMissingError


@contextlib.contextmanager
def said(endpoint: str, refusal: str) -> Iterator[None]:
    """Raise EnvironmentMissingError for what docker-py raises in the block.

    ``refusal`` is what the engine does not do: "cannot start the container".
    """
    try:
        yield
    except APIError as error:
        raise EnvironmentMissingError(
            f"the Docker Engine at {endpoint} {refusal}: {reason(error)}",
            hint="what it says is its own; `docker info` shows how it is set up",
        ) from error
    except (DockerException, OSError) as error:  # what its HTTP client raises is an OSError
        raise unreachable(endpoint, error) from error


def reason(error: APIError) -> str:
    """Return the engine's own words, in one line."""
    return " ".join(str(error.explanation or error).split())
