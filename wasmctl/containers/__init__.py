"""Containers in a Docker Engine: the only place that knows docker-py.

``engine`` says which engine there is; ``connected`` gives a connection to it, with few verbs:
images are looked up or pulled, containers are created and found again by their label; a
container is filled, started, listened to, waited for, stopped and removed.
"""

from wasmctl.containers.connection import Connection, Image, connected
from wasmctl.containers.container import Container, Ending, Mount, Plan
from wasmctl.containers.endpoint import DockerEngine, engine
from wasmctl.containers.images import BuiltImage
from wasmctl.containers.obtaining import obtain
from wasmctl.containers.volumes import Volume

__all__ = [
    "BuiltImage",
    "Connection",
    "Container",
    "DockerEngine",
    "Ending",
    "Image",
    "Mount",
    "Plan",
    "Volume",
    "connected",
    "engine",
    "obtain",
]
