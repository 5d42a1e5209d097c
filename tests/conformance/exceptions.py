"""Cases in which the host is not as Envoy, and will not be, each with its reason: five at most."""

EXCEPTIONS: dict[str, str] = {}
