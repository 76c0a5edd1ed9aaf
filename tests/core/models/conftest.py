"""The tiny model's fixtures."""

from tests.core.models.fixtures import family, noise, online_hub, tiny_model, tiny_model_of_pieces

__all__ = ["family", "noise", "online_hub", "tiny_model", "tiny_model_of_pieces"]
