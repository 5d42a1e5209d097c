from pathlib import Path

import pytest

from tests.projects import tiny_go
from wasmctl import project
from wasmctl.build.engines import trust
from wasmctl.build.engines.base import Order
from wasmctl.errors import FilesError
from wasmctl.languages import LANGUAGES


def _order(folder: Path, text: str = "") -> Order:
    tiny_go(folder)
    with (folder / "wasmctl.toml").open("a") as file:
        file.write(text)
    return Order(project=project.load(folder), language=LANGUAGES["go"], show=print)


def test_certificates_of_the_project_come_beside_the_system_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "system.pem").write_text("the system's")
    (tmp_path / "ca.pem").write_text("ours")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "system.pem"))

    named = trust.certificates(_order(tmp_path / "one", '[network]\nca_file = "../ca.pem"\n'))
    unnamed = trust.certificates(_order(tmp_path / "two"))

    assert named == b"ours\nthe system's"
    assert unnamed == b"the system's"


def test_tools_are_told_nothing_where_nobody_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)

    assert trust.certificates(_order(tmp_path)) == b""


def test_certificates_that_are_not_there_are_told(tmp_path: Path) -> None:
    with pytest.raises(FilesError, match=r"none\.pem: No such file"):
        trust.certificates(_order(tmp_path, '[network]\nca_file = "none.pem"\n'))
