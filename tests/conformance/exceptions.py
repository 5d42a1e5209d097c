"""Cases in which the host is not as Envoy, and will not be, each with its reason: five at most."""

EXCEPTIONS: dict[str, str] = {
    "edge.limit-request-watermark": "the host has no flow control: where a plugin holds more by a"
    " watermark than is buffered, Envoy lets the client wait, and the host takes all",
}
