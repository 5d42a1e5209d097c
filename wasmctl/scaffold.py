"""Template and answers to a project folder."""
