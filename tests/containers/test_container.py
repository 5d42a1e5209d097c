from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from tests.docker_engine import DockerEngine
from wasmctl import containers
from wasmctl.containers import Container, Ending, Mount, Plan


class Create(Protocol):
    """Creates a container that runs a line of shell; it is removed with the test."""

    def __call__(
        self, script: str, *, mounts: tuple[Mount, ...] = (), folders: tuple[str, ...] = ()
    ) -> Container: ...


@pytest.fixture
def create(docker: DockerEngine, envoy_image: str) -> Iterator[Create]:
    assert docker.endpoint
    created: list[Container] = []
    with containers.connected() as connection:

        def made(
            script: str, *, mounts: tuple[Mount, ...] = (), folders: tuple[str, ...] = ()
        ) -> Container:
            plan = Plan(
                image=envoy_image,
                command=["bash", "-c", script],
                user="65532:65532",
                mounts=mounts,
                folders=folders,
            )
            created.append(connection.create(plan))
            return created[-1]

        yield made
        for container in created:
            container.remove()


def _run(container: Container) -> tuple[str, Ending]:
    with container.output() as output:
        container.start()
        return "".join(output), container.wait()


def test_output_is_text_whatever_the_program_writes(create: Create) -> None:
    written, ending = _run(create(r"printf '\xc3\xa4\n'; printf 'bad \xff end'"))

    assert written == "ä\nbad � end"
    assert ending == Ending(code=0, out_of_memory=False)


def test_output_comes_from_both_streams(create: Create) -> None:
    written, _ending = _run(create("echo one; echo two >&2"))

    assert sorted(written.splitlines()) == ["one", "two"]


def test_output_is_live(create: Create) -> None:
    container = create("echo first; sleep infinity")

    with container.output() as output:
        container.start()

        assert next(output) == "first\n"
        container.kill()


def test_the_code_is_told(create: Create) -> None:
    _written, ending = _run(create("exit 7"))

    assert ending == Ending(code=7, out_of_memory=False)


def test_a_signal_is_told(create: Create) -> None:
    _written, ending = _run(create("kill -ABRT $$"))

    assert ending == Ending(code=128 + 6, out_of_memory=False)


def test_a_lack_of_memory_is_told(create: Create) -> None:
    # It looks for the beginning of the last line, and keeps what it has read.
    _written, ending = _run(create("tail /dev/zero"))

    assert ending.out_of_memory


def test_it_has_no_right(create: Create) -> None:
    written, _ending = _run(create("cat /proc/self/status"))

    facts = {name: words for name, *words in map(str.split, written.splitlines())}
    assert facts["Uid:"] == facts["Gid:"] == ["65532"] * 4
    assert facts["CapEff:"] == facts["CapBnd:"] == ["0" * 16]
    assert facts["NoNewPrivs:"] == ["1"]


def test_it_has_no_network(create: Create) -> None:
    written, _ending = _run(create("cut -d: -f1 -s /proc/net/dev; wc -l < /proc/net/route"))

    assert "eth0" not in written
    assert written.split()[-1] == "1"  # the header of a table without routes


def test_its_root_is_read_only_and_what_it_is_lent_too(create: Create, tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    mount = Mount(source=tmp_path, target="/lent")
    written, _ending = _run(create("touch /tmp/x; touch /lent/x", mounts=(mount,)))

    assert written.count("Read-only file system") == 2


def test_a_folder_can_be_lent_for_writing(create: Create, tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    mount = Mount(source=tmp_path, target="/lent", is_writable=True)
    _written, ending = _run(create("echo here > /lent/x", mounts=(mount,)))

    assert ending.code == 0
    assert (tmp_path / "x").read_text() == "here\n"


def test_files_are_put_into_a_folder_of_its_own(create: Create) -> None:
    container = create("cat /own/a/file", folders=("/own",))
    container.put("/own", {"a/file": b"content"})

    assert _run(container)[0] == "content"


def test_what_has_ended_or_gone_can_be_ended_again(create: Create) -> None:
    container = create("exit 0")
    _run(container)

    container.stop()
    container.kill()
    container.remove()
    container.remove()
    container.stop()


def test_one_that_ignores_the_polite_signal_is_ended_by_force(create: Create) -> None:
    container = create("trap '' TERM; echo on; while true; do sleep 1; done")

    with container.output() as output:
        container.start()
        next(output)
        container.stop()

        assert container.wait() == Ending(code=137, out_of_memory=False)
