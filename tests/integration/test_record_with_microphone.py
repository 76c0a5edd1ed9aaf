"""The whole way of a take: sound card, ring buffer, spool, FLAC, database, and the sentence whole in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gui.context import AppContext
from tests.gui.window import context
from tests.integration.reading import Reader, sentences
from tests.integration.virtual_microphone import VirtualMicrophone, is_installed
from tests.qt_leaks import no_qt_leaks

__all__ = ["context", "no_qt_leaks"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not is_installed(), reason="PulseAudio is not installed"),
]
PROMPTS = 2
"""`python -m tests.benchmarks.recording_session` reads more of them."""


@pytest.fixture
def microphone() -> Iterator[VirtualMicrophone]:
    with VirtualMicrophone() as microphone:
        yield microphone


def test_what_is_read_is_kept_whole_with_its_label(
    context: AppContext, microphone: VirtualMicrophone
) -> None:
    reader = Reader(context, microphone, PROMPTS)
    try:
        for prompt, _ in sentences(PROMPTS):
            compared = reader.read()
            assert (compared.text, compared.label) == (prompt.text, prompt.label)
            assert compared.similarity >= 0.98
            assert compared.onset >= 0.95
            assert compared.lag_s >= 0.4
            assert compared.seconds >= compared.lag_s + compared.played_s + 0.2
    finally:
        reader.close()
