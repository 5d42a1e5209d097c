import json

import pytest

from wasmctl.languages.assemblyscript import agrees

_COMPILER = {"devDependencies": {"assemblyscript": "0.28.20"}}


def _lock(**root: object) -> bytes:
    return json.dumps({"packages": {"": root}}).encode()


def _manifest(**fields: object) -> bytes:
    return json.dumps(fields).encode()


def test_a_lock_of_the_same_packagesagrees() -> None:
    assert agrees(_manifest(version="2.0.0", **_COMPILER), _lock(version="1.0.0", **_COMPILER))


@pytest.mark.parametrize(
    "changed",
    [
        {"devDependencies": {"assemblyscript": "0.28.19"}},
        {"devDependencies": {}},
        {**_COMPILER, "dependencies": {"long": "5.3.2"}},
    ],
)
def test_a_manifest_with_other_packages_does_not_agree(changed: dict[str, dict[str, str]]) -> None:
    assert not agrees(_manifest(**changed), _lock(**_COMPILER))


@pytest.mark.parametrize("lock", [b"", b"{", b"[]", b'{"packages": []}', b'{"packages": {}}'])
def test_a_damaged_or_absent_lock_does_not_agree(lock: bytes) -> None:
    assert not agrees(_manifest(**_COMPILER), lock)
