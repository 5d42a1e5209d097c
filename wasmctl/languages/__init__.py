"""What wasmctl knows of each language."""
