"""Scenarios: one file tests a plugin on the embedded host and on a real Envoy."""
