"""What pytest is to leave alone here."""

# Projects, of tests that build them: their scenarios can only run then.
collect_ignore = ["assemblyscript", "rules"]
