"""One module for each subject that an expectation can speak of.

A check takes the expectation and the observation, and gives the mismatches. To add one: a field in
``expectation_models``, a function here, a line in the table of ``expect``.
"""
