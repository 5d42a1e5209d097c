"""Cases that the host does not play as Envoy does yet, each with what is missing."""

PENDING: dict[str, str] = {}
