"""Where a scenario can run.

To add a target: a module here with its Target, a line in TARGETS, and its name in
``wasmctl.project.TargetName``.
"""

from collections.abc import Callable

from wasmctl.testing.targets.base import Target


# A target is imported when it is used: the one must not pay for what the other needs.
def _harness() -> Target:
    from platformdirs import user_cache_path  # noqa: PLC0415

    from wasmctl.testing.targets.harness import HarnessTarget  # noqa: PLC0415

    return HarnessTarget(cache=user_cache_path("wasmctl"))


def _envoy() -> Target:
    from wasmctl.testing.targets.envoy import EnvoyTarget  # noqa: PLC0415

    return EnvoyTarget()


TARGETS: dict[str, Callable[[], Target]] = {
    "harness": _harness,
    "envoy": _envoy,
}
