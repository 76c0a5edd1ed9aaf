"""The whole way of a spoken command: sound card, recorder, window, model process, label on the screen."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from core.audio.files import read_audio
from gui.context import AppContext
from tests.gui.window import context
from tests.integration.talking import Talker, demo_speech, wait_for
from tests.integration.virtual_microphone import VirtualMicrophone, is_installed
from tests.qt_leaks import no_qt_leaks

__all__ = ["context", "no_qt_leaks"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not is_installed(), reason="PulseAudio is not installed"),
]


@pytest.fixture
def microphone() -> Iterator[VirtualMicrophone]:
    with VirtualMicrophone() as microphone:
        yield microphone


@pytest.fixture
def talker(microphone: VirtualMicrophone, context: AppContext) -> Iterator[Talker]:
    talker = Talker(context, microphone)
    yield talker
    talker.close()


def similarity(heard: np.ndarray, played: np.ndarray) -> float:
    """The largest normalised correlation of `played` with any stretch of `heard` as long as it is."""
    assert heard.size >= played.size
    size = heard.size + played.size
    products = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(played, size)), size)
    at = int(np.argmax(products[: heard.size - played.size + 1]))
    return float(np.corrcoef(heard[at : at + played.size], played)[0, 1])


def test_spoken_commands_get_labels_on_the_screen(talker: Talker, context: AppContext) -> None:
    page = talker.page
    context.remember(not_sure_below=0.0)  # the untuned model seldom is sure
    first, second = demo_speech()[:2]
    # One may speak while the model still loads; the answer follows when it can.
    talker.wait_until_heard()
    early = talker.say(first.audio)
    assert similarity(read_audio(early.heard.path), read_audio(first.audio)) >= 0.9

    talker.wait_until_ready()
    answer = talker.say(second.audio)
    assert similarity(read_audio(answer.heard.path), read_audio(second.audio)) >= 0.9
    assert answer.prediction.label is not None
    assert answer.prediction.label.intent in context.open_library().ontology(["demo"]).intents
    assert answer.prediction.label.intent == page.label_card.headline.text().replace("\u200b", "")
    assert answer.waited_s is not None
    assert "after you let go" in page.label_card.latency.text()


def test_pulling_the_plug_while_speaking_is_worded_and_mended_by_plugging_in(
    talker: Talker,
    microphone: VirtualMicrophone,
    context: AppContext,
) -> None:
    page = talker.page
    talker.wait_until_heard()
    talker.hold()
    player = microphone.start_playing(demo_speech()[0].audio)
    wait_for(lambda: page.microphone.recorder.elapsed_s > 0.5, 10, "half a second of sound")
    microphone.unplug()
    player.wait()
    wait_for(lambda: "disconnected" in page.microphone.message.text(), 10, "the message")
    wait_for(lambda: "went away" in page.label_card.headline.text(), 10, "the take")
    talker.let_go()
    (take,) = (context.paths.audio / "takes").iterdir()
    assert read_audio(take).size > 8_000

    page.microphone.look_again.click()
    wait_for(lambda: "No microphone was found" in page.microphone.message.text(), 20, "the calm message")

    microphone.plug_in()
    page.microphone.look_again.click()
    talker.wait_until_heard(20)
    talker.hold()
    assert page.microphone.recorder.recording
    talker.let_go()
