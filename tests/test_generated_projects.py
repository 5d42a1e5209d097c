"""Generated projects do what they promise: their workflow, and the commands of their pages."""

import os
import re
import shutil
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import components, github_job
from tests.built import Built
from tests.command import run
from tests.github_job import Step
from tests.language_tools import Tools
from tests.oci import certificates, docker_registry
from tests.oci.docker_registry import DockerRegistry
from wasmctl import scaffold
from wasmctl.languages import LANGUAGES

_TEMPLATES = scaffold.templates()
_EACH = pytest.mark.parametrize(
    "template", _TEMPLATES, ids=lambda template: f"{template.language}-{template.name}"
)
_EACH_LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)
_WORKFLOW = ".github/workflows/ci.yml"

# What GitHub tells a job of a tag, where the repository's settings are as the workflow asks.
_CONTEXT = {
    "github.ref_type": "tag",
    "vars.IMAGE": "somewhere/demo",
    "secrets.IMAGE_USER": "alice",
    "secrets.IMAGE_PASSWORD": "secret",
}

# git asks nobody's own settings.
_SOMEBODY = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "somebody",
    "GIT_AUTHOR_EMAIL": "somebody@example.com",
    "GIT_COMMITTER_NAME": "somebody",
    "GIT_COMMITTER_EMAIL": "somebody@example.com",
}

# What wasmctl itself does is tested elsewhere for each template.
_NOT_OF_A_LANGUAGE = ("pip install", "rustup", "wasmctl")


@_EACH
def test_formatter_linter_and_unit_tests_accept_a_new_project(
    template: scaffold.Template, built: Built, tools_of: Tools
) -> None:
    folder, environment = built(template), tools_of(template.language)
    checks = [step for step in github_job.steps(folder / _WORKFLOW) if _is_of_language(step)]

    done = [github_job.play(step, folder, {}, environment) for step in checks]

    assert len(checks) > 1
    assert [output for code, output in done if code] == []


def _is_of_language(step: Step) -> bool:
    return bool(step.run) and not any(word in step.run for word in _NOT_OF_A_LANGUAGE)


@_EACH_LANGUAGE
def test_a_tag_is_built_checked_tested_and_pushed(
    language: str, built: Built, tools_of: Tools, registry: DockerRegistry, tmp_path: Path
) -> None:
    origin = _repository(built(scaffold.find(language, "minimal")), tmp_path / "origin")
    context = _CONTEXT | {"vars.IMAGE": f"{registry.host}/{language}/demo"}
    environment = tools_of(language) | _job(tmp_path, registry)
    checkout = _checked_out(origin, tmp_path / "checkout")
    played = [step for step in github_job.steps(checkout / _WORKFLOW) if step.run]

    done = [github_job.play(step, checkout, context, environment) for step in played]

    assert [output for code, output in done if code] == []
    assert all((checkout / name).exists() for name in ("dist/demo.wasm", "test-results.xml"))
    pulled = ("wasmctl", "pull", f"{context['vars.IMAGE']}:0.1.0", "-o", tmp_path / "pulled.wasm")
    assert run(pulled, environment=environment).returncode == 0
    assert (tmp_path / "pulled.wasm").read_bytes() == (checkout / "dist/demo.wasm").read_bytes()


@_EACH_LANGUAGE
def test_what_is_no_tag_is_not_pushed(language: str, tmp_path: Path) -> None:
    scaffold.create(tmp_path / "new", scaffold.find(language, "minimal"), {"name": "demo"})
    last = github_job.steps(tmp_path / "new" / _WORKFLOW)[-1]

    assert "wasmctl push" in last.run
    assert github_job.is_on(last, _CONTEXT)
    assert not github_job.is_on(last, _CONTEXT | {"github.ref_type": "branch"})
    assert not github_job.is_on(last, _CONTEXT | {"vars.IMAGE": ""})


@_EACH_LANGUAGE
def test_actions_are_pinned_by_their_commits(language: str, tmp_path: Path) -> None:
    scaffold.create(tmp_path / "new", scaffold.find(language, "minimal"), {"name": "demo"})
    used = [step.uses for step in github_job.steps(tmp_path / "new" / _WORKFLOW) if step.uses]

    assert len(used) > 2
    assert [uses for uses in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", uses)] == []


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DockerRegistry]:
    """A registry as a job finds it: by https, and with a password, alice's."""
    folder = tmp_path_factory.mktemp("registry")
    authority = certificates.authority(folder)
    secured = certificates.server(folder, authority)
    auth = docker_registry.with_password(folder)
    with docker_registry.running(folder, auth=auth, certificate=secured) as found:
        yield found


def _job(folder: Path, registry: DockerRegistry) -> dict[str, str]:
    """Return what surrounds the steps of a job of a tag."""
    system = ssl.get_default_verify_paths().cafile
    trusted = folder / "trusted.pem"
    authority = registry.store.parent / "authority.pem"
    trusted.write_bytes(b"\n".join(Path(file).read_bytes() for file in (system, authority) if file))
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_REF_NAME": "v0.1.0",
        "SSL_CERT_FILE": str(trusted),
        # A login is kept here, and not in the user's own folder.
        "REGISTRY_AUTH_FILE": str(folder / "auth.json"),
        # What surrounds the tests is to stay as it is: pip looks for what it would install.
        "PIP_DRY_RUN": "1",
    }


def _repository(project: Path, folder: Path) -> Path:
    """Make a repository of a project, as its first build left it, with a tag."""
    components.need("git", "bash")
    shutil.copytree(project, folder, ignore=shutil.ignore_patterns("node_modules", "target"))
    for words in (
        ("init", "--quiet", "--initial-branch", "main"),
        ("add", "--all"),
        ("commit", "--quiet", "--message", "a project"),
        ("tag", "v0.1.0"),
    ):
        done = run(["git", "-C", folder, *words], environment=_SOMEBODY)
        assert done.returncode == 0, done.stderr
    return folder


def _checked_out(origin: Path, folder: Path) -> Path:
    words = ("clone", "--quiet", "--branch", "v0.1.0", origin, folder)
    done = run(["git", *words], environment=_SOMEBODY)
    assert done.returncode == 0, done.stderr
    return folder
