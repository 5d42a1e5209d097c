"""What each proxy offers a plugin, as data; and what a module lacks or has too much for it.

Decided from the imports and exports of a module, as hosts do, never from names of products.
"""

from wasmctl.profiles.findings import Finding, Level
from wasmctl.profiles.profile import Profile
from wasmctl.profiles.proxies import PROFILES, named
from wasmctl.profiles.verdict import check, fail, in_order

__all__ = ["PROFILES", "Finding", "Level", "Profile", "check", "fail", "in_order", "named"]
