"""From a project's sources to a plugin."""
