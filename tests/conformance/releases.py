"""Releases of Envoy that the suite runs on, and what the older ones do otherwise.

The embedded host behaves as the newest.
"""

NEWEST = "1.40.0"
OLDER = ("1.36.4", "1.38.2")

_FEWER_FUNCTIONS = "WASI has 18 functions before 1.39, and a module that imports another is refused"
_NO_POLL = "poll_oneoff is 52 before 1.39, and not allowed while a module starts"
_STREAM_DURATION = (
    "x-envoy-upstream-stream-duration-ms is taken from clients' requests since 1.40 only"
)
_NO_CAPABILITIES = (
    "the capabilities that the VM's configuration lists are looked at since 1.40 only"
)

# The cases that an older release does not play as the newest: why, by case.
_BEFORE_1_39 = {
    **dict.fromkeys(
        (
            *("wasi.fd_pwrite", "wasi.clock_res_get", "wasi.since-1.39-fd"),
            *("wasi.since-1.39-path", "wasi.since-1.39-sock", "wasi.path-link-arity"),
            "restricted.start-wasi-clock-res-get",
        ),
        _FEWER_FUNCTIONS,
    ),
    "wasi.poll_oneoff": _NO_POLL,
    "restricted.start-wasi": _NO_POLL,
    "lifecycle.main-void": "__main_void is not called before 1.39",
    "chain.environment": "other variables do not make another VM before 1.39",
    **dict.fromkeys(
        (f"edge.envoy-headers-{name}" for name in ("internal", "forwarded", "external")),
        _STREAM_DURATION,
    ),
    **dict.fromkeys(
        (f"capability.{name}" for name in ("callbacks", "hostcalls", "no-log", "wasi")),
        _NO_CAPABILITIES,
    ),
}
_BEFORE_1_38 = {
    "callout.refused": "the text for a refused connection says more in 1.36",
    "map.add": "several cookies are written as one header in 1.36",
    "local.odd-header-2": "a value with a NUL is written as two headers in 1.36",
}

DIFFERENCES: dict[str, dict[str, str]] = {
    "1.36.4": _BEFORE_1_39 | _BEFORE_1_38,
    "1.38.2": _BEFORE_1_39,
}

# Releases that write headers of one name next to each other.
GROUPING = frozenset({"1.36.4"})
