import pytest
from hypothesis import given
from hypothesis import strategies as st

from wasmctl.oci.challenges import Challenge, parse


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", []),
        ("Negotiate", [("negotiate", {})]),
        ('Basic realm="Registry Realm"', [("basic", {"realm": "Registry Realm"})]),
        (
            'Bearer realm="https://a.example/t",service=s , scope="repository:a/b:pull,push"',
            [
                (
                    "bearer",
                    {
                        "realm": "https://a.example/t",
                        "service": "s",
                        "scope": "repository:a/b:pull,push",
                    },
                )
            ],
        ),
        (
            'Basic realm="a \\"b\\"", BEARER Realm="c"',
            [("basic", {"realm": 'a "b"'}), ("bearer", {"realm": "c"})],
        ),
    ],
)
def test_challenges_are_read(header: str, expected: list[tuple[str, dict[str, str]]]) -> None:
    assert parse(header) == [
        Challenge(scheme=scheme, parameters=parameters) for scheme, parameters in expected
    ]


@given(st.text(st.sampled_from('Ba =",\\\t;:/é'), max_size=40))
def test_any_header_is_read(header: str) -> None:
    assert all(isinstance(found, Challenge) for found in parse(header))
