"""Where a scenario can run."""
