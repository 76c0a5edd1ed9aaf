"""Scores, their uncertainty, and whether a model hears the audio it is given. Nothing here imports torch."""
