"""Rust: cargo, the target wasm32-wasip1, and the crate proxy-wasm."""

import json

from wasmctl.languages.base import Command, Fetch, Language, Places, Remedy, Stated, Target, Tool

_TARGET = "wasm32-wasip1"
_INSTALL = "install Rust with rustup, or Debian's cargo, rustc, lld and libstd-rust-dev-wasm32"

_LIBRARY = 'in Cargo.toml, write: [lib] name = "plugin", crate-type = ["cdylib"]'

# The first with the target under this name alone.
_MINIMUM = (1, 84)

_CARGO = Tool(
    name="cargo",
    title="Rust's cargo",
    version=Command(words=("cargo", "--version")),
    banner="cargo ",
    minimum=_MINIMUM,
    install=_INSTALL,
)
_RUSTC = Tool(
    name="rustc",
    title="Rust",
    version=Command(words=("rustc", "--version")),
    banner="rustc ",
    minimum=_MINIMUM,
    install=_INSTALL,
)


def _compile(places: Places) -> Command:
    # Panics are told with the paths of sources. Those of the project are relative to it; those of
    # packages begin with the folder of whoever builds, and would make the bytes depend on it. The
    # flag is the target's, so that it stands beside those of the project's own .cargo/config.toml.
    remap = json.dumps(f"--remap-path-prefix={places.packages}=/cargo", ensure_ascii=False)
    return Command(
        words=(
            "cargo",
            "build",
            "--locked",
            "--offline",
            "--release",
            "--lib",
            "--target",
            _TARGET,
            "--target-dir",
            places.work,
            "--config",
            f"target.{_TARGET}.rustflags=[{remap}]",
        )
    )


RUST = Language(
    name="rust",
    title="Rust",
    tools=(_CARGO, _RUSTC),
    inputs=(
        "src/**",
        "Cargo.toml",
        "Cargo.lock",
        "build.rs",
        "rust-toolchain.toml",
        ".cargo/config.toml",
    ),
    fetch=Fetch(
        manifest="Cargo.toml",
        lock="Cargo.lock",
        folder=None,
        pinned=Command(words=("cargo", "fetch", "--locked", "--target", _TARGET)),
        unpinned=Command(words=("cargo", "fetch", "--target", _TARGET)),
        agrees=None,
        drifted=(
            "needs to be updated but --locked was passed",
            "cannot update the lock file",
            "changed between lock files",
        ),
        variables=("CARGO_NET_OFFLINE", "CARGO_NET_RETRY"),
        unreachable=(
            "Could not resolve host",
            "Couldn't connect to server",
            "Could not connect to server",
            "Timeout was reached",
            "spurious network error",
            "failed to download from",
            "attempting to make an HTTP request, but --offline was specified",
        ),
    ),
    compile=_compile,
    # cargo names its output after the crate; a path of ours in its flags would enter the bytes.
    made=lambda places: f"{places.work}/{_TARGET}/release/plugin.wasm",
    unmade=_LIBRARY,
    caches={"CARGO_HOME": "cargo"},
    packages_folder="~/.cargo",
    target=Target(
        name=_TARGET,
        command=Command(words=("rustc", "--print", "target-libdir", "--target", _TARGET)),
        install=f"install it: rustup target add {_TARGET}, or Debian's libstd-rust-dev-wasm32",
    ),
    optimize_flags=(
        "--enable-bulk-memory",
        "--enable-multivalue",
        "--enable-mutable-globals",
        "--enable-nontrapping-float-to-int",
        "--enable-reference-types",
        "--enable-sign-ext",
    ),
    versions={"sdk": Stated(file="Cargo.lock", pattern=r'name = "proxy-wasm"\nversion = "(.+)"')},
    remedies=(
        Remedy(
            pattern=r"undefined symbol: proxy_\w+",
            hint="Rust 1.96 and newer need the crate proxy-wasm 0.2.5 or newer: name it in"
            " Cargo.toml, then run cargo update",
        ),
        Remedy(
            pattern=r"linker `rust-lld` not found",
            hint="install lld (Debian: lld-19), and set"
            " CARGO_TARGET_WASM32_WASIP1_LINKER=wasm-ld-19",
        ),
        Remedy(
            pattern=r"can't find crate for `(?:core|std)`|target may not be installed",
            hint=f"install the target: rustup target add {_TARGET}, or Debian's"
            " libstd-rust-dev-wasm32",
        ),
        Remedy(
            pattern=r"requires rustc (\S+)",
            hint="install Rust {0} or newer, or name an older version of that package",
        ),
        Remedy(
            pattern="needs to be updated but --locked was passed|cannot update the lock file",
            hint="bring the lock up to date: cargo update --workspace",
        ),
        Remedy(pattern="no library targets found", hint=_LIBRARY),
    ),
)
