"""How registries are reached."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Access:
    """What the user says about the way to a registry.

    Attributes:
        plain_http: speak HTTP, not HTTPS.
        insecure: accept any certificate.
        ca_file: certificates (PEM) to trust beside the system's.

    """

    plain_http: bool = False
    insecure: bool = False
    ca_file: Path | None = None
