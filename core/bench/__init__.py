"""Reproducible speed measurements: Spoonful beside a plain Trainer, in one run on the same work."""
