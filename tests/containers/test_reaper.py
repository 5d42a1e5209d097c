from tests.docker_engine import DockerEngine
from tests.envoy.engines.holding import containers_in
from wasmctl import containers
from wasmctl.containers import Connection, Container, Plan, labels, reaper


def _create(connection: Connection, image: str, marked: dict[str, str]) -> Container:
    plan = Plan(image=image, command=["sleep", "infinity"], user="65532:65532", labels=marked)
    return connection.create(plan)


def test_only_orphans_are_removed(docker: DockerEngine, envoy_image: str) -> None:
    with containers.connected() as connection:
        dead = labels.of_us("dead") | {"wasmctl.started": "1"}
        orphan = _create(connection, envoy_image, dead)
        orphan.start()
        ours = _create(connection, envoy_image, labels.of_us("ours"))
        unmarked = _create(connection, envoy_image, {"wasmctl.pid": "1"})

        reaper.reap(connection)

        left = containers_in(docker, envoy_image)
        ours.remove()
        unmarked.remove()
    assert set(left) == {ours.id, unmarked.id}
