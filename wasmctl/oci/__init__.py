"""Plugins as OCI images."""
