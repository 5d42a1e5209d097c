import io
import json
import os
import socket
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.command import run, wasmctl
from tests.docker_engine import DockerEngine
from tests.envoy import plugins
from tests.envoy.engines.holding import containers_in
from wasmctl.envoy import bootstrap, engines, launch
from wasmctl.envoy.engines.base import ADMIN, Choice, Exit, Machine, Site, TcpAddress, UnixAddress
from wasmctl.envoy.engines.container import ContainerEngine
from wasmctl.envoy.engines.ground import Ground
from wasmctl.envoy.engines.port_site import PortSite
from wasmctl.envoy.engines.socket_site import SocketSite
from wasmctl.errors import EnvironmentMissingError, EnvoyFailedError


@pytest.fixture
def engine(docker: DockerEngine, envoy_image: str) -> ContainerEngine:
    assert docker.endpoint
    return ContainerEngine.of(Choice(image=envoy_image))


@pytest.fixture
def network(docker: DockerEngine) -> Iterator[str]:
    """A network of our own: the engine of the tests may have no default one."""
    name = f"wasmctl-test-{os.getpid()}"
    made = run(["docker", "network", "create", name], environment=docker.environment)
    assert made.returncode == 0, made.stderr
    yield name
    run(["docker", "network", "rm", name], environment=docker.environment)


@contextmanager
def _started(site: Site, folder: Path) -> Iterator[Machine]:
    """Start an Envoy that has only an admin interface."""
    admin = bootstrap.address(site.listen(ADMIN))
    (folder / "bootstrap.json").write_text(json.dumps({"admin": {"address": admin}}))
    with site.started(["--config-path", site.path(folder / "bootstrap.json")]) as machine:
        yield machine


def _admin_of(machine: Machine) -> TcpAddress:
    deadline = time.monotonic() + 60
    while not machine.admin():
        assert machine.poll() is None, list(machine.output)
        assert time.monotonic() < deadline
        time.sleep(0.01)
    found = machine.admin()
    assert isinstance(found, TcpAddress)
    return found


def test_it_is_found_by_its_name(engine: ContainerEngine) -> None:
    assert engines.choose("container", Choice(image=engine.image)) == engine


def test_its_title_names_the_image_and_the_endpoint(engine: ContainerEngine) -> None:
    assert engine.image in engine.title
    assert engine.title.endswith(f" at {engine.docker.endpoint}")


def test_without_an_engine_the_endpoint_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")

    with pytest.raises(EnvironmentMissingError, match=f"unix://{tmp_path}/none.sock"):
        engines.choose("container")


def test_an_image_that_is_nowhere_is_named(docker: DockerEngine) -> None:
    with pytest.raises(
        EnvironmentMissingError, match=r"no image 127\.0\.0\.1:9/x:1 and cannot"
    ) as e:
        engines.choose("container", Choice(image="127.0.0.1:9/x:1"))

    assert docker.endpoint in e.value.message


def test_an_image_for_another_architecture_is_named_with_both(
    docker: DockerEngine, tmp_path: Path
) -> None:
    name = f"wasmctl-test/foreign:{os.getpid()}"
    (tmp_path / "image.tar").write_bytes(_image(name, architecture="riscv64"))
    loaded = run(["docker", "load", "-i", tmp_path / "image.tar"], environment=docker.environment)
    assert loaded.returncode == 0, loaded.stderr

    with pytest.raises(EnvironmentMissingError, match=f"{name} is for riscv64, and the Docker"):
        engines.choose("container", Choice(image=name))

    run(["docker", "rmi", name], environment=docker.environment)


def _image(name: str, *, architecture: str) -> bytes:
    """Return an image without any file, as `docker save` writes it."""
    config = {"architecture": architecture, "os": "linux", "rootfs": {"type": "layers"}}
    manifest = [{"Config": "config.json", "RepoTags": [name], "Layers": []}]
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for file, document in (("config.json", config), ("manifest.json", manifest)):
            data = json.dumps(document).encode()
            entry = tarfile.TarInfo(file)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return content.getvalue()


def test_an_engine_on_this_kernel_is_used_on_sockets(
    engine: ContainerEngine, tmp_path: Path
) -> None:
    assert isinstance(engine.site(tmp_path), SocketSite)


def test_a_container_has_no_network_and_is_reached_all_the_same(engine: ContainerEngine) -> None:
    with launch.launched(engine, []) as envoy:
        assert envoy.machine.label.endswith(
            f" in {engine.docker.endpoint}, on sockets, without a network"
        )
        assert envoy.admin.is_ready()
        assert isinstance(envoy.admin.address, TcpAddress)


def test_nothing_is_left(docker: DockerEngine, engine: ContainerEngine) -> None:
    with launch.launched(engine, []) as envoy:
        was_there = containers_in(docker, engine.image)
        folder = envoy.folder

    assert len(was_there) == 1
    assert containers_in(docker, engine.image) == []
    assert not folder.exists()


@pytest.fixture
def umask() -> Iterator[None]:
    """Files that nobody else may read."""
    before = os.umask(0o077)
    yield
    os.umask(before)


@pytest.mark.usefixtures("umask")
def test_files_that_nobody_else_may_read_can_be_read(engine: ContainerEngine) -> None:
    with launch.launched(engine, []) as envoy:
        assert envoy.admin.is_ready()


def test_a_site_can_be_used_where_paths_are_long(engine: ContainerEngine, tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 40)
    folder.mkdir()

    with _started(engine.site(folder), folder) as machine:
        assert _admin_of(machine).port


def test_listeners_and_servers_are_sockets(engine: ContainerEngine, tmp_path: Path) -> None:
    site = engine.site(tmp_path)

    inside = [site.listen("one"), site.listen("two"), site.server(TcpAddress(port=9))]

    assert all(isinstance(address, UnixAddress) for address in inside)
    assert len(set(inside)) == 3
    assert site.listen("one") == inside[0]
    assert site.server(TcpAddress(port=9)) == inside[2]


def test_a_port_that_is_taken_is_named(engine: ContainerEngine, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        site = engine.site(tmp_path)
        site.listen("main", port)

        with (
            pytest.raises(EnvironmentMissingError, match=f"cannot use port {port} of 127.0.0.1"),
            site.started([]),
        ):
            pass

    assert list(tmp_path.iterdir()) == []


def test_a_start_that_ends_by_itself_tells_its_code(
    engine: ContainerEngine, tmp_path: Path
) -> None:
    (tmp_path / "bad.json").write_text('{"nonsense": 1}')
    site = engine.site(tmp_path)

    with site.started(["--mode", "validate", "-c", site.path(tmp_path / "bad.json")]) as machine:
        said = "".join(machine.output)
        ended = machine.wait(30)

    assert ended == Exit(code=1)
    assert "nonsense" in said


def test_a_death_is_told_with_its_signal(
    docker: DockerEngine, engine: ContainerEngine, tmp_path: Path
) -> None:
    with _started(engine.site(tmp_path), tmp_path) as machine:
        _admin_of(machine)
        (container,) = containers_in(docker, engine.image)
        listed = run(["docker", "top", container, "-o", "pid"], environment=docker.environment)
        os.kill(int(listed.stdout.split()[-1]), 6)

        assert machine.wait(30) == Exit(signal=6)


# Takes nearly all the memory that Envoy grants a VM, and writes into each page of it.
_GREEDY = """(local $at i32)
    (drop (memory.grow (i32.const 16000)))
    (loop $next
      (i32.store8 (local.get $at) (i32.const 1))
      (local.set $at (i32.add (local.get $at) (i32.const 4096)))
      (br_if $next (i32.lt_u (local.get $at) (i32.const 1040000000))))
    (i32.const 1)"""


def test_a_lack_of_memory_is_told(
    docker: DockerEngine, engine: ContainerEngine, tmp_path: Path
) -> None:
    module = tmp_path / "greedy.wasm"
    module.write_bytes(plugins.plugin(vm_start=_GREEDY, configure=plugins.TRUE).content)

    finished = wasmctl(
        *("run", module, "--concurrency", "3", "--engine", "container", "--image", engine.image),
        environment={"XDG_STATE_HOME": str(tmp_path), **docker.environment},
    )

    assert finished.returncode == 9
    assert finished.stderr.startswith("error: Envoy ran out of memory; the last callback was ")


def test_a_killed_one_is_gone(engine: ContainerEngine, tmp_path: Path) -> None:
    with _started(engine.site(tmp_path), tmp_path) as machine:
        _admin_of(machine)

        machine.kill()

        assert machine.poll() == Exit(signal=9)


def test_an_image_without_envoy_is_told_as_the_last_words(
    docker: DockerEngine, tmp_path: Path
) -> None:
    name = f"wasmctl-test/empty:{os.getpid()}"
    (tmp_path / "file").touch()
    packed = run(["tar", "-C", tmp_path, "-cf", tmp_path / "empty.tar", "file"])
    assert packed.returncode == 0
    run(["docker", "import", tmp_path / "empty.tar", name], environment=docker.environment)

    with (
        pytest.raises(EnvoyFailedError, match="Envoy ended with code 127") as caught,
        launch.launched(ContainerEngine.of(Choice(image=name)), []),
    ):
        pass

    run(["docker", "rmi", name], environment=docker.environment)
    assert "exec envoy failed: No such file or directory" in caught.value.details[-1]


@pytest.mark.parametrize("is_seen", [True, False], ids=["shared files", "copied files"])
def test_a_container_with_ports_is_reached_on_loopback_alone(
    engine: ContainerEngine, docker: DockerEngine, tmp_path: Path, network: str, *, is_seen: bool
) -> None:
    ground = Ground(
        image=engine.digest,
        docker=engine.docker,
        folder=tmp_path,
        is_seen=is_seen,
        is_rootless=False,
    )

    with _started(PortSite(ground, network=network), tmp_path) as machine:
        address = _admin_of(machine)
        (container,) = containers_in(docker, engine.image)
        published = run(["docker", "port", container], environment=docker.environment).stdout
        volumes = _volumes_of(docker, container)

    assert machine.label.endswith(", on ports")
    assert published.strip() == f"10000/tcp -> 127.0.0.1:{address.port}"
    assert len(volumes) == (0 if is_seen else 1)
    assert not any(_exists(docker, volume) for volume in volumes)


def _volumes_of(docker: DockerEngine, container: str) -> list[str]:
    form = '{{range .Mounts}}{{if eq .Type "volume"}}{{.Name}} {{end}}{{end}}'
    words = ["docker", "inspect", "--format", form, container]
    return run(words, environment=docker.environment).stdout.split()


def _exists(docker: DockerEngine, volume: str) -> bool:
    words = ["docker", "volume", "inspect", volume]
    return run(words, environment=docker.environment).returncode == 0


def test_on_ports_this_machine_has_another_name(engine: ContainerEngine, tmp_path: Path) -> None:
    ground = Ground(
        image=engine.digest, docker=engine.docker, folder=tmp_path, is_seen=True, is_rootless=False
    )
    site = PortSite(ground)

    assert site.server(TcpAddress(port=9)) == TcpAddress(host="host.docker.internal", port=9)
    assert site.server(TcpAddress(host="example.com", port=9)).host == "example.com"  # type: ignore[union-attr]
