"""wasmctl: the command-line toolkit for Proxy-Wasm plugins."""

__version__ = "0.1.0"
