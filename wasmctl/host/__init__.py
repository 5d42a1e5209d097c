"""The embedded Proxy-Wasm host."""
