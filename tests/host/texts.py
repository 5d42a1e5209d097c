"""Short forms for what the tests of the host read."""

from wasmctl.host import Host


def texts(host: Host) -> list[str]:
    """The plugin's messages, without their levels."""
    return [line.text for line in host.logs]
