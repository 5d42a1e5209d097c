"""Header maps: Envoy's order, joining, lookups."""

from hypothesis import given
from hypothesis import strategies as st

from wasmctl.host.header_map import HeaderMap, MapKind
from wasmctl.messages import Pair

_NAMES = st.sampled_from([b":path", b":method", b"host", b"accept", b"x-a", b"X-B", b"cookie", b""])
_CHANGES = st.lists(
    st.tuples(st.sampled_from(["add", "replace", "remove", "put"]), _NAMES, st.binary(max_size=3)),
    max_size=12,
)


def request(*pairs: Pair) -> HeaderMap:
    return HeaderMap(MapKind.REQUEST_HEADERS, pairs)


def test_an_added_header_stands_at_the_end() -> None:
    headers = request((b":path", b"/"), (b"x-a", b"1"))

    headers.add(b"X-B", b"2")

    assert headers.pairs == ((b":path", b"/"), (b"x-a", b"1"), (b"x-b", b"2"))


def test_an_added_pseudo_header_stands_behind_the_others_of_its_kind() -> None:
    headers = request((b":path", b"/"), (b"x-a", b"1"))

    headers.add(b":method", b"GET")

    assert headers.pairs == ((b":path", b"/"), (b":method", b"GET"), (b"x-a", b"1"))


def test_a_header_that_envoy_keeps_in_a_field_joins() -> None:
    headers = request((b"accept", b"a"))

    headers.add(b"accept", b"b")
    headers.add(b"accept", b"")

    assert headers.pairs == ((b"accept", b"a,b"),)


def test_joining_to_an_empty_value_needs_no_comma() -> None:
    headers = request((b"accept", b""))

    headers.add(b"accept", b"b")

    assert headers.get(b"accept") == b"b"


def test_any_other_header_repeats() -> None:
    headers = request((b"x-a", b"1"))

    headers.add(b"x-a", b"2")

    assert headers.values(b"x-a") == (b"1", b"2")
    assert headers.get(b"x-a") == b"1"


def test_which_headers_join_depends_on_what_the_map_holds() -> None:
    response = HeaderMap(MapKind.RESPONSE_HEADERS, ((b"accept", b"a"), (b"date", b"1")))

    response.add(b"accept", b"b")
    response.add(b"date", b"2")

    assert response.pairs == ((b"accept", b"a"), (b"date", b"1,2"), (b"accept", b"b"))


def test_repeated_headers_of_the_wire_join_too() -> None:
    headers = request((b"accept", b"a"), (b"x-a", b"1"), (b"accept", b"b"))

    assert headers.pairs == ((b"accept", b"a,b"), (b"x-a", b"1"))


def test_replacing_removes_every_entry_and_adds_one_at_the_end() -> None:
    headers = request((b"x-a", b"1"), (b"x-b", b"2"), (b"x-a", b"3"))

    headers.replace(b"x-a", b"4")

    assert headers.pairs == ((b"x-b", b"2"), (b"x-a", b"4"))


def test_a_replaced_pseudo_header_moves_to_the_end_of_the_pseudo_headers() -> None:
    headers = request((b":method", b"GET"), (b":path", b"/"), (b"x-a", b"1"))

    headers.replace(b":method", b"POST")

    assert headers.pairs == ((b":path", b"/"), (b":method", b"POST"), (b"x-a", b"1"))


def test_putting_overwrites_in_place() -> None:
    headers = request((b"x-a", b"1"), (b"x-b", b"2"))

    headers.put(b"x-a", b"3")

    assert headers.pairs == ((b"x-a", b"3"), (b"x-b", b"2"))


def test_removing_takes_every_entry_and_does_not_mind_none() -> None:
    headers = request((b"x-a", b"1"), (b"x-b", b"2"), (b"x-a", b"3"))

    headers.remove(b"X-A")
    headers.remove(b"x-c")

    assert headers.pairs == ((b"x-b", b"2"),)


def test_host_is_another_name_for_authority_in_requests() -> None:
    headers = request((b":authority", b"a.test"))

    assert headers.get(b"Host") == b"a.test"


def test_host_is_an_ordinary_header_in_responses() -> None:
    response = HeaderMap(MapKind.RESPONSE_HEADERS, ((b"host", b"x"),))

    assert response.pairs == ((b"host", b"x"),)


def test_the_size_counts_bytes_of_names_and_values() -> None:
    assert request((b":path", b"/"), (b"x-a", b"12")).byte_size == 11


@given(_CHANGES)
def test_lookups_agree_with_the_entries_after_any_changes(
    changes: list[tuple[str, bytes, bytes]],
) -> None:
    headers = request((b":path", b"/"), (b"x-a", b"1"), (b"x-a", b"2"), (b"accept", b""))

    for operation, name, value in changes:
        arguments = (name,) if operation == "remove" else (name, value)
        getattr(headers, operation)(*arguments)

    names = [name for name, _ in headers.pairs]
    assert names == sorted(names, key=lambda name: name[:1] != b":")
    assert len(headers) == len(names)
    for name in names:
        assert headers.get(name) == headers.values(name)[0]
    assert headers.get(b"absent") is None
