"""Why Envoy refused to start, in words for the author of a plugin.

The messages are those of proxy-wasm-cpp-host (``src/wasm.cc``, ``src/v8/v8.cc``,
``src/bytecode_util.cc``) and of Envoy's server; the first that is known is the cause.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from wasmctl.abi.types import LogLevel
from wasmctl.envoy.logs import Entry


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A cause and its remedy, one line each."""

    cause: str
    remedy: str


_OTHER_RELEASE = "run another release (--envoy-version), or build with an SDK for this one"
_CHANGES = "see --set and --patch; wasmctl run --print-config shows all of it"
_OWN_WORDS = "see what the plugin logged, above; its configuration is set with --plugin-config"

# What is said, what it means (with the groups of the pattern), what to do.
_KNOWN = (
    (
        r"missing import: (\S+)",
        "the plugin imports {0}, which this Envoy does not offer",
        _OTHER_RELEASE,
    ),
    (
        r"import type mismatch: (.+?),? want: (.+?), but host exports: (.+)",
        "the plugin imports {0} as {1}, but this Envoy offers {2}",
        _OTHER_RELEASE,
    ),
    (
        r"Bad function signature for: (\S+), want: (.+?), but the module exports: (.+)",
        "the plugin exports {0} as {2}, but Envoy calls it as {1}",
        "declare the function with the signature of the Proxy-Wasm specification",
    ),
    (
        r"Missing or unknown Proxy-Wasm ABI version",
        "the module has no ABI marker that Envoy knows",
        "build with an SDK for Proxy-Wasm 0.1.0, 0.2.0 or 0.2.1",
    ),
    (
        r"missing malloc function",
        "the module exports no allocator",
        "export malloc or proxy_on_memory_allocate, as the SDKs do",
    ),
    (
        r"corrupted Wasm module",
        "Envoy cannot read the module",
        "build it again; a component is no module",
    ),
    (
        r"Failed to create new Wasm instance",
        "Envoy cannot instantiate the module",
        "see that its memory begins below 1 GiB",
    ),
    (r"Function: (\S+) failed: ([^\n]*)", "the plugin trapped in {0}: {1}", _OWN_WORDS),
    (
        r"[Ff]ailed to (?:on)?configure|Configuration failed|Failed to configure base Wasm plugin",
        "the plugin refused its configuration",
        _OWN_WORDS,
    ),
    (
        r"Failed to start base Wasm|Start failed",
        "the plugin refused to start: proxy_on_vm_start did not return true",
        _OWN_WORDS,
    ),
    (
        r"cannot bind \'?([^\s\']+?)\'?: (.+)",
        "Envoy cannot listen at {0}: {1}",
        "end what listens there, or let the system choose: --port 0",
    ),
    (
        # The place, and what is wrong there; what else stands between changes from run to run.
        r"@ ([^\s:]+): .*?\(offset \d+\): (.+?)\) has unknown fields",
        "Envoy does not take its configuration: {1}, at {0}",
        _CHANGES,
    ),
    (
        r"has unknown fields|no such field|Unable to parse JSON|Protobuf message .* reason",
        "Envoy does not take its configuration",
        _CHANGES,
    ),
)


def explained(entries: Iterable[Entry]) -> Refusal | None:
    """Return why Envoy refused to start, None where that is not known."""
    for entry in entries:
        if entry.level < LogLevel.ERROR or entry.text.startswith("wasm log"):
            continue
        # Protobuf varies its spaces, so that nobody relies on them.
        text = re.sub(r"[ \xa0]+", " ", entry.text)
        for pattern, cause, remedy in _KNOWN:
            found = re.search(pattern, text)
            if found:
                return Refusal(cause=cause.format(*found.groups()), remedy=remedy)
    return None
