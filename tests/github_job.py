"""A job of a GitHub workflow, played on this machine.

What ``run:`` says is run as GitHub runs it; what ``uses:`` names, the caller provides.
"""

import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.command import run

# What a step's text takes from its surroundings: ${{ vars.IMAGE }}.
_EXPRESSION = re.compile(r"\$\{\{ (\S+) \}\}")
_COMPARISON = re.compile(r"(\S+) (==|!=) '(.*)'")


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step: ``run``, or else an action that it ``uses``; where ``condition`` holds."""

    run: str
    uses: str
    condition: str
    environment: Mapping[str, str]


def steps(workflow: Path) -> list[Step]:
    """Return the steps of a workflow's only job."""
    (job,) = yaml.safe_load(workflow.read_text())["jobs"].values()
    return [
        Step(
            run=step.get("run", ""),
            uses=step.get("uses", ""),
            condition=step.get("if", ""),
            environment=step.get("env", {}),
        )
        for step in job["steps"]
    ]


def is_on(step: Step, context: Mapping[str, str]) -> bool:
    """Return whether a step is played where all steps before it were well."""
    if step.condition in {"", "always()"}:
        return True
    return all(_holds(part.strip(), context) for part in step.condition.split("&&"))


def _holds(comparison: str, context: Mapping[str, str]) -> bool:
    found = _COMPARISON.fullmatch(comparison)
    assert found, f"GitHub may know {comparison!r}; this does not"
    return (context[found[1]] == found[3]) is (found[2] == "==")


def play(
    step: Step, folder: Path, context: Mapping[str, str], environment: Mapping[str, str]
) -> tuple[int, str]:
    """Run a step in its shell; return the exit code and all that it printed."""
    named = {
        name: _EXPRESSION.sub(lambda found: context[found[1]], text)
        for name, text in step.environment.items()
    }
    with tempfile.NamedTemporaryFile("w", suffix=".sh") as script:
        script.write(step.run)
        script.flush()
        # GitHub's shell where a step names none.
        done = run(["bash", "-e", script.name], folder=folder, environment={**environment, **named})
    return done.returncode, done.stdout + done.stderr
