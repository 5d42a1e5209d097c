import pytest

from wasmctl.host.given import Given, GivenProperties, PropertyPath

_WRONG: dict[str, dict[PropertyPath, Given]] = {
    "no property can be given at 'metadata'": {("metadata",): {}},
    "no property can be given at 'xds.route_metadata'": {("xds", "route_metadata"): {}},
    "no property can be given at 'a.b.c'": {("a", "b", "c"): 1},
    "can be given its filter_metadata alone": {("metadata", "x"): {}},
    "the namespace 'ns' of metadata is no map": {("metadata", "filter_metadata", "ns"): 1},
    "'id' is given as a value and as a map": {
        ("xds", "node", "id"): "a",
        ("xds", "node", "id", "b"): "c",
    },
    "bytes cannot be given at 'filter_metadata.ns'": {("metadata", "filter_metadata", "ns"): b""},
    "is neither a text, bytes, a number nor a truth value": {("filter_state", "x"): {}},
}


@pytest.mark.parametrize("reason", _WRONG)
def test_what_cannot_be_given_is_named(reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        GivenProperties(_WRONG[reason])
