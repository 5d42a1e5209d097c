"""Proxy-Wasm's binary interface: its enumerations, signatures and serialised forms.

Numbers and names are those of the specification (ABI 0.2.1, "Types") and, where Envoy knows more,
of proxy-wasm-cpp-host (``include/proxy-wasm/``).
"""
