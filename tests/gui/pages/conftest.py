"""What several tests of one page share."""

from tests.gui.pages.experiment_page import experiment_page

__all__ = ["experiment_page"]
