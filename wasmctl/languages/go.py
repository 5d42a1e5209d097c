"""Go: the stock compiler, and the official SDK, which the project's go.mod names."""

import re

from wasmctl.languages.base import Command, Fetch, Language, Places, Remedy, Stated, Tool

# The project's go.mod alone says what is built: no toolchain is downloaded because a module asks
# for a newer one, no workspace in a folder above puts other modules in the place of those named.
_ALONE = {"GOTOOLCHAIN": "local", "GOWORK": "off"}

# Plugins run on WASI; files may be chosen by that when packages are looked for, too.
_TARGET = {"GOOS": "wasip1", "GOARCH": "wasm"}

# The first Go that makes a library of WASI (-buildmode=c-shared), which a plugin is.
_GO = Tool(
    name="go",
    title="Go",
    version=Command(words=("go", "version"), environment=_ALONE),
    banner="go version go",
    minimum=(1, 24),
    package="go",
    package_command=("bin/go",),
    extra="go",
)

_COMMENT = re.compile(r"//.*")
_REQUIREMENT = re.compile(r"^\s*(?:require\s+)?(\S+\.\S+)\s+(v\S+)\s*$", re.MULTILINE)


def agrees(manifest: bytes, lock: bytes) -> bool:
    """Tell whether the lock has the hashes of each module that the manifest requires.

    Two of each: of its files, and of its own go.mod.
    """
    pinned = {tuple(line.split()[:2]) for line in lock.decode(errors="replace").splitlines()}
    required = _REQUIREMENT.findall(_COMMENT.sub("", manifest.decode(errors="replace")))
    hashed = {(name, f"{version}{of}") for name, version in required for of in ("", "/go.mod")}
    return hashed <= pinned


def _compile(places: Places) -> Command:
    return Command(
        words=(
            "go",
            "build",
            "-buildmode=c-shared",
            "-trimpath",  # the bytes do not depend on the folder
            "-buildvcs=false",  # nor on the state of a repository
            "-o",
            places.output,
            ".",
        ),
        # Flags that somebody's shell sets would change the bytes, and the compiler is to find
        # everything fetched: it asks nobody.
        environment=_ALONE | _TARGET | {"GOFLAGS": "", "GOPROXY": "off"},
    )


GO = Language(
    name="go",
    title="Go",
    tools=(_GO,),
    inputs=("**/*.go", "go.mod", "go.sum"),
    fetch=Fetch(
        manifest="go.mod",
        lock="go.sum",
        folder=None,
        pinned=Command(words=("go", "mod", "download"), environment=_ALONE),
        # Finds out which modules are needed, and fetches and locks those alone: `go mod tidy`
        # would fetch what the tests of other modules need, too.
        unpinned=Command(
            words=("go", "list", "-mod=mod", "-deps", "./..."), environment=_ALONE | _TARGET
        ),
        agrees=agrees,
        variables=("GOPROXY", "GOPRIVATE", "GONOPROXY", "GONOSUMDB", "GOSUMDB"),
        drifted=("checksum mismatch", "missing go.sum entry", "updates to go.mod needed"),
        unreachable=(
            "no such host",
            "connection refused",
            "connection reset by peer",
            "network is unreachable",
            "no route to host",
            "i/o timeout",
            "TLS handshake timeout",
            "module lookup disabled by GOPROXY=off",
        ),
        vendored="vendor/modules.txt",
    ),
    compile=_compile,
    caches={"GOMODCACHE": "go-mod", "GOCACHE": "go-build"},
    optimize_flags=(
        "--enable-bulk-memory",
        "--enable-nontrapping-float-to-int",
        "--enable-sign-ext",
    ),
    versions={"sdk": Stated(file="go.mod", pattern=r"/proxy-wasm-go-sdk\s+(v\S+)")},
    remedies=(
        Remedy(
            pattern=r"go\.mod requires go >= (\S+)",
            hint="install Go {0} or newer, or lower the line 'go {0}' in go.mod",
        ),
        Remedy(
            pattern=r"no required module provides package ([^\s;]+)",
            hint="name the module in go.mod: go get {0}",
        ),
        Remedy(
            pattern=r"missing go\.sum entry|updates to go\.mod needed",
            hint="bring go.mod and go.sum up to date: go mod tidy",
        ),
        Remedy(
            pattern="checksum mismatch|SECURITY ERROR",
            hint="a module is not the one that go.sum pins: find out which of the two is right",
        ),
        Remedy(
            pattern="function main is undeclared in the main package",
            hint="declare an empty func main(); a plugin begins in func init()",
        ),
        Remedy(
            pattern="build constraints exclude all Go files",
            hint="that package is not for GOOS=wasip1 GOARCH=wasm: do without it",
        ),
    ),
)
