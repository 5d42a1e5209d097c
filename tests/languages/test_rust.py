"""Rust, built in the container of its image."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.builder_image import tools_of
from tests.docker_engine import DockerEngine
from tests.projects import write
from wasmctl import build, project, scaffold
from wasmctl.build import reproduction
from wasmctl.errors import BuildFailedError, DriftError, EnvironmentMissingError

_HEADERS = scaffold.find("rust", "http-headers")

_PROJECT = """
schema = 1
[project]
name = "tiny"
language = "rust"
[build]
engine = "container"
"""

_MANIFEST = """
[package]
name = "tiny"
version = "0.1.0"
edition = "2021"
[lib]
name = "plugin"
crate-type = ["cdylib"]
[profile.release]
strip = "debuginfo"
"""

_SOURCE = """
#[no_mangle]
pub extern "C" fn proxy_abi_version_0_2_1() {}
#[no_mangle]
pub extern "C" fn proxy_on_memory_allocate(size: usize) -> *mut u8 {
    Vec::with_capacity(size).leak().as_mut_ptr()
}
"""


@pytest.fixture
def tiny_rust(docker: DockerEngine, debian_image: str, tmp_path: Path) -> Path:
    """The smallest Rust plugin, not yet built: it needs no packages."""
    assert docker.endpoint
    assert debian_image
    return _tiny(tmp_path / "tiny")


def _tiny(folder: Path) -> Path:
    write(folder / "wasmctl.toml", _PROJECT)
    write(folder / "Cargo.toml", _MANIFEST)
    write(folder / "src/lib.rs", _SOURCE)
    return folder


def _failure(folder: Path) -> BuildFailedError:
    with pytest.raises(BuildFailedError) as caught:
        build.build(project.load(folder))
    return caught.value


def test_equal_sources_give_equal_bytes_in_any_folder(tiny_rust: Path, tmp_path: Path) -> None:
    other = _tiny(tmp_path / "at another place/Ω")

    first, second = (build.build(project.load(folder)) for folder in (tiny_rust, other))

    assert first.record.digest == second.record.digest
    assert first.record.tools.keys() == {"cargo", "rustc"}


def test_the_first_build_makes_the_lock_and_the_source_tree_has_nothing_else(
    tiny_rust: Path,
) -> None:
    build.build(project.load(tiny_rust))

    names = {path.name for path in tiny_rust.iterdir()}
    assert names == {"wasmctl.toml", "Cargo.toml", "Cargo.lock", "src", "dist"}


def test_a_lock_that_would_change_is_drift_where_it_may_not(tiny_rust: Path) -> None:
    with pytest.raises(DriftError, match=r"there is no Cargo\.lock"):
        build.build(project.load(tiny_rust), locked=True)
    build.build(project.load(tiny_rust))
    manifest = tiny_rust / "Cargo.toml"
    manifest.write_text(manifest.read_text().replace('version = "0.1.0"', 'version = "0.2.0"'))

    with pytest.raises(DriftError, match=r"Cargo\.lock does not pin what the project names"):
        build.build(project.load(tiny_rust), locked=True)


def test_without_locked_the_lock_follows_the_manifest(tiny_rust: Path) -> None:
    build.build(project.load(tiny_rust))
    manifest = tiny_rust / "Cargo.toml"
    manifest.write_text(manifest.read_text().replace('version = "0.1.0"', 'version = "0.2.0"'))

    build.build(project.load(tiny_rust))

    assert 'version = "0.2.0"' in (tiny_rust / "Cargo.lock").read_text()


def test_a_mistake_in_the_sources_is_carried_whole(tiny_rust: Path) -> None:
    write(tiny_rust / "src/lib.rs", f"{_SOURCE}\nfn f() -> i32 {{ nowhere + lost }}\n")

    failure = _failure(tiny_rust)

    evidence = "\n".join(failure.details)
    assert "cannot find value `nowhere` in this scope" in evidence
    assert "cannot find value `lost` in this scope" in evidence


def test_an_undefined_hostcall_names_the_version_of_the_sdk(tiny_rust: Path) -> None:
    """A linker that is no longer told to let it pass, as by Rust 1.96 and newer."""
    hostcall = 'extern "C" { fn proxy_done() -> i32; }\n'
    call = '#[no_mangle] pub extern "C" fn f() -> i32 { unsafe { proxy_done() } }\n'
    write(tiny_rust / "src/lib.rs", _SOURCE + hostcall + call)
    without = 'for a; do shift; [ "$a" = --allow-undefined ] || set -- "$@" "$a"; done'
    write(tiny_rust / "wasm-ld", f'#!/bin/sh\n{without}\nexec wasm-ld-19 "$@"\n')
    (tiny_rust / "wasm-ld").chmod(0o755)
    write(tiny_rust / ".cargo/config.toml", '[target.wasm32-wasip1]\nlinker = "/src/wasm-ld"\n')

    failure = _failure(tiny_rust)

    assert "the crate proxy-wasm 0.2.5 or newer" in failure.hint


def test_a_library_of_another_name_is_told(tiny_rust: Path) -> None:
    manifest = tiny_rust / "Cargo.toml"
    manifest.write_text(manifest.read_text().replace('name = "plugin"', 'name = "other"'))

    failure = _failure(tiny_rust)

    assert "which left no module" in failure.message
    assert 'name = "plugin"' in failure.hint


def test_a_package_that_needs_a_newer_compiler_is_told(tiny_rust: Path) -> None:
    manifest = tiny_rust / "Cargo.toml"
    manifest.write_text(manifest.read_text().replace("[lib]", 'rust-version = "1.200"\n[lib]'))

    failure = _failure(tiny_rust)

    assert "install Rust 1.200 or newer" in failure.hint


def test_the_local_engine_builds_the_same_bytes_with_the_same_tools(
    tiny_rust: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tools of the image are on PATH, and see this machine's own folders."""
    in_container = build.build(project.load(tiny_rust)).record
    assert in_container.image
    tools_of(tmp_path / "bin", in_container.image["digest"], tmp_path, "cargo", "rustc")
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/usr/bin:/bin")
    monkeypatch.setenv("CARGO_HOME", f"{tmp_path}/cargo home")
    other = _tiny(tmp_path / "elsewhere")

    locally = build.build(project.load(other), engine="local").record

    assert locally.tools == in_container.tools
    assert locally.digest == in_container.digest


def test_building_again_elsewhere_gives_the_same_bytes_and_leaves_the_cache_alone(
    tiny_rust: Path,
) -> None:
    lines: list[str] = []
    first = build.build(project.load(tiny_rust))

    reproduction.check(project.load(tiny_rust), first, on_line=lines.append)

    (compiling,) = [line for line in lines if line.startswith("$ cargo build")]
    assert "--target-dir /out/work" in compiling


def test_rust_without_the_target_is_told(
    tiny_rust: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for tool in ("cargo", "rustc"):
        write(tmp_path / "bin" / tool, f"#!/bin/sh\necho {tool} 1.99.0 ; echo /nowhere\n")
        (tmp_path / "bin" / tool).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin")

    with pytest.raises(EnvironmentMissingError, match="without the target wasm32-wasip1") as caught:
        build.build(project.load(tiny_rust), engine="local")

    assert "rustup target add wasm32-wasip1" in caught.value.hint


def test_the_record_says_which_sdk(built: Callable[[scaffold.Template], Path]) -> None:
    record = (built(_HEADERS) / "dist/build.json").read_text()

    assert '"sdk": "0.2.5"' in record
