"""``wasmctl schema`` as a user runs it."""

from pathlib import Path

import pytest

import wasmctl as package
from tests.command import wasmctl


@pytest.mark.parametrize("kind", ["scenario", "project"])
def test_the_schema_is_the_one_that_is_shipped(kind: str) -> None:
    done = wasmctl("schema", kind)

    shipped = Path(package.__file__).parent / f"schemas/{kind}.json"
    assert (done.returncode, done.stdout) == (0, shipped.read_text())
