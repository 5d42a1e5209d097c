from pathlib import Path

from wasmctl.containers import Mount, Plan
from wasmctl.containers.words import as_command


def test_a_plan_is_told_as_one_would_type_it() -> None:
    plan = Plan(
        image="an/image:1",
        command=["go", "build", "a b"],
        user="1:2",
        environment={"HOME": "/tmp"},
        folder="/src",
        mounts=[Mount(source=Path("/here"), target="/src")],
        volumes={"/cache": "mine"},
        folders=["/out"],
        scratch=["/tmp"],
        memory=1024,
        processes=7,
    )

    words = as_command(plan)

    assert words.startswith("docker run --rm --init --read-only --cap-drop=ALL ")
    assert words.endswith("--env=HOME=/tmp --workdir=/src an/image:1 go build 'a b'")
    for word in (
        "--user=1:2",
        "--memory=1024",
        "--pids-limit=7",
        "--network=none",
        "--mount=type=bind,source=/here,target=/src,readonly",
        "--mount=type=volume,source=mine,target=/cache",
        "--mount=type=volume,target=/out",
        "--tmpfs=/tmp:exec,mode=1777",
    ):
        assert f" {word} " in words
