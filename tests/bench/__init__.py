"""Measures the pipeline against bare loops and against the plain way, in one run: ``make bench``."""
