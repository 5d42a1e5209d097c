# Rust for the target wasm32-wasip1, all of it from Debian.
FROM debian:13-slim
# cargo looks for the linker under the name rust-lld; the other WebAssembly targets are 200 MB.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends \
      binaryen ca-certificates cargo libstd-rust-dev-wasm32 lld-19 rustc \
 && rm -rf /usr/lib/rustlib/wasm32-wasip2 /usr/lib/rustlib/wasm32-unknown-unknown \
 && ln -s lld-19 /usr/bin/rust-lld \
 && apt-get clean \
 && rm -rf /var/lib/apt/lists/*
