"""Sphinx's settings: MyST sources, the furo theme, every warning an error (see the Makefile)."""

from wasmctl import __version__

project = "wasmctl"
author = "The wasmctl founders"
copyright = author  # noqa: A001 - Sphinx's name
release = version = __version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = f"wasmctl {__version__}"
exclude_patterns = [
    "_build",
    "reference/scenario-operators.md",
    "reference/scenario-inputs.md",
    "reference/scenario-steps.md",
    "reference/envoy-bootstraps.md",
]
nitpicky = False
autodoc_member_order = "bysource"
autodoc_typehints = "description"
