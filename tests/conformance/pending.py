"""Cases that the host does not play as Envoy does yet, each with what is missing."""

PENDING: dict[str, str] = {
    "map.continued": "continue_stream(response) takes the response's headers away",
    "map.phase-request-body-held": "allow_on_headers_stop_iteration",
    "map.phase-response-body-held": "allow_on_headers_stop_iteration",
}
