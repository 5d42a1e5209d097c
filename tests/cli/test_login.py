import base64
import json
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command import WASMCTL, surroundings, wasmctl
from tests.oci import docker_registry
from tests.oci.docker_registry import DockerRegistry, running
from tests.oci.samples import write_project
from tests.terminal import at_terminal


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DockerRegistry]:
    """A registry that wants alice's password, which is secret."""
    folder = tmp_path_factory.mktemp("registry")
    with running(folder, auth=docker_registry.with_password(folder)) as found:
        yield found


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("DOCKER_CONFIG", "REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def _login(
    host: str,
    *,
    password: str = "secret\n",  # noqa: S107
    user: str = "alice",
    **environment: str,
) -> "subprocess.CompletedProcess[str]":
    words = ["login", host, "-u", user, "--password-stdin", "--plain-http"]
    return subprocess.run(
        [*WASMCTL, *words],
        input=password,
        env=surroundings(environment),
        check=False,
        capture_output=True,
        text=True,
    )


def test_a_login_lets_a_push_in_and_a_logout_keeps_it_out(
    registry: DockerRegistry, home: Path
) -> None:
    project = write_project(home / "project")
    push = ("push", "-C", project, f"{registry.host}/f:1", "--plain-http")

    logged_in = _login(registry.host)

    config = home / ".docker/config.json"
    assert logged_in.stdout == f"{registry.host}: logged in as alice; kept in {config}\n"
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert wasmctl(*push).returncode == 0
    assert wasmctl("logout", registry.host).stdout == f"{registry.host}: removed from {config}\n"
    refused = wasmctl(*push)
    assert refused.returncode == 10
    assert f"wasmctl login {registry.host}" in refused.stderr


def test_what_else_the_file_says_stays(registry: DockerRegistry, home: Path) -> None:
    config, kept = home / ".docker/config.json", home / "settings/docker.json"
    config.parent.mkdir()
    kept.parent.mkdir()
    kept.write_text(json.dumps({"auths": {"ghcr.io": {"auth": "eDp5"}}, "psFormat": "x"}))
    config.symlink_to(kept)

    _login(registry.host)

    secret = base64.b64encode(b"alice:secret").decode()
    assert json.loads(kept.read_text()) == {
        "auths": {"ghcr.io": {"auth": "eDp5"}, registry.host: {"auth": secret}},
        "psFormat": "x",
    }
    assert config.is_symlink()


def test_a_wrong_password_is_not_kept(registry: DockerRegistry, home: Path) -> None:
    refused = _login(registry.host, password="wrong")

    assert refused.returncode == 10
    assert "as user 'alice' (from this login)" in refused.stderr
    assert "wrong" not in refused.stderr
    assert not (home / ".docker").exists()


def test_a_login_goes_where_podman_looks_if_asked(registry: DockerRegistry, home: Path) -> None:
    _login(registry.host, REGISTRY_AUTH_FILE=str(home / "auth.json"))

    assert registry.host in json.loads((home / "auth.json").read_text())["auths"]


_HELPER = """#!/bin/sh
case $1 in
  store) cat > "$HOME/stored" ;;
  get) read -r server; test -e "$HOME/stored" || { echo credentials not found; exit 1; }
    cat "$HOME/stored" ;;
  erase) rm "$HOME/stored" ;;
esac
"""


def test_a_helper_keeps_the_login_if_the_file_names_one(
    registry: DockerRegistry, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    helper, config = home / "docker-credential-test", home / ".docker/config.json"
    helper.write_text(_HELPER)
    helper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{home}:/usr/bin:/bin")
    config.parent.mkdir()
    config.write_text('{"credsStore": "test"}')

    assert "kept in docker-credential-test" in _login(registry.host).stdout
    stored = json.loads((home / "stored").read_text())
    assert stored == {"ServerURL": registry.host, "Username": "alice", "Secret": "secret"}
    assert config.read_text() == '{"credsStore": "test"}'
    assert "removed from docker-credential-test" in wasmctl("logout", registry.host).stdout
    assert not (home / "stored").exists()
    assert "there was no login" in wasmctl("logout", registry.host).stdout


def test_a_terminal_is_asked_and_shows_no_password(registry: DockerRegistry, home: Path) -> None:
    # The blank comes once the terminal hides what is typed; what came before is thrown away.
    code, seen = at_terminal(
        *("login", registry.host, "--plain-http"),
        typed={"Username": "alice\n", "Password: ": "secret\n"},
        folder=home,
    )

    assert code == 0
    assert "logged in as alice" in seen
    assert "secret" not in seen


@pytest.mark.parametrize("words", [[], ["-u", "alice"], ["--password-stdin"]])
def test_without_a_terminal_nothing_is_asked(words: list[str], home: Path) -> None:
    refused = wasmctl("login", "localhost:1", *words)

    assert refused.returncode == 2, home
    assert "-u USER --password-stdin" in refused.stderr


@pytest.mark.parametrize(("user", "password"), [("alice", ""), ("a:b", "secret")])
def test_what_cannot_be_written_down_is_refused(user: str, password: str, home: Path) -> None:
    assert _login("localhost:1", user=user, password=password).returncode == 2, home


def test_docker_hubs_login_has_the_name_that_docker_gives_it(home: Path) -> None:
    config = home / ".docker/config.json"
    config.parent.mkdir()
    entry = {"https://index.docker.io/v1/": {"auth": "eDp5"}, "ghcr.io": {"auth": "eDp5"}}
    config.write_text(json.dumps({"auths": entry}))

    assert wasmctl("logout", "docker.io").returncode == 0
    assert list(json.loads(config.read_text())["auths"]) == ["ghcr.io"]
