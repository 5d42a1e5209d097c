"""Images that a command needs."""

from wasmctl.containers.connection import Connection, Image
from wasmctl.containers.endpoint import DockerEngine
from wasmctl.errors import EnvironmentMissingError


def obtain(connection: Connection, name: str) -> Image:
    """Return the image of a name, pulled where it is not there yet.

    Raises EnvironmentMissingError where it cannot be had, or is for another architecture.
    """
    found = connection.image(name)
    if found is None:
        connection.pull(name)
        found = connection.image(name)
    if found is None:
        raise EnvironmentMissingError(
            f"the Docker Engine at {connection.engine.endpoint} pulled {name} and has it not",
            hint="pull it with `docker pull`, and see what is said",
        )
    _check_architecture(name, found, connection.engine)
    return found


def _check_architecture(name: str, image: Image, engine: DockerEngine) -> None:
    if engine.architecture and image.architecture != engine.architecture:
        raise EnvironmentMissingError(
            f"the image {name} is for {image.architecture}, and the Docker Engine at"
            f" {engine.endpoint} runs {engine.architecture}",
            hint=f"name an image for {engine.architecture}, or remove this one and pull it again"
            f" with `docker pull --platform linux/{engine.architecture}`",
        )
