from wasmctl import messages
from wasmctl.messages import Message


def test_a_request_begins_with_its_pseudo_headers() -> None:
    request = messages.request("/a", headers=((b"x-a", b"1"),))

    assert request.headers == (
        (b":method", b"GET"),
        (b":scheme", b"http"),
        (b":authority", b"example.test"),
        (b":path", b"/a"),
        (b"x-a", b"1"),
    )


def test_a_response_begins_with_its_status() -> None:
    response = messages.response(404, headers=((b"x-a", b"1"),))

    assert response.headers == ((b":status", b"404"), (b"x-a", b"1"))
    assert response.status == 404


def test_a_message_without_a_number_for_status_has_none() -> None:
    assert messages.request("/").status is None
    assert Message(headers=((b":status", b"ok"),)).status is None


def test_a_body_is_its_chunks_in_one_piece() -> None:
    assert Message(headers=(), chunks=(b"a", b"", b"bc")).body == b"abc"


def test_a_header_has_all_its_values_in_order() -> None:
    message = Message(headers=((b"a", b"1"), (b"b", b"2"), (b"a", b"3")))

    assert message.values(b"a") == (b"1", b"3")
    assert message.values(b"c") == ()
