"""The tiny model's fixtures."""

from tests.core.models.fixtures import family, noise, tiny_model, tiny_model_of_pieces

__all__ = ["family", "noise", "tiny_model", "tiny_model_of_pieces"]
