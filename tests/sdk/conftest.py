"""What pytest is to leave alone here."""

# A project, whose scenarios can run once it has been built: test_assemblyscript.py does both.
collect_ignore = ["assemblyscript"]
