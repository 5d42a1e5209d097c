"""Header fields that proxies add by themselves, or that differ from run to run."""

_NAMES = frozenset({b"x-request-id", b"x-forwarded-proto", b"date", b"server", b"user-agent"})


def is_noise(name: bytes) -> bool:
    """Tell whether a field says nothing of the plugin."""
    return name in _NAMES or name.startswith(b"x-envoy-")
